import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameSchemas } from '../../../src/orchestrator/named-schemas.ts';

const text = { type: 'string' };
const color = {
  title: 'Color',
  type: 'object',
  properties: { title: text, red: { title: 'Share', type: 'number' } },
};

describe('nameSchemas', () => {
  it('makes a component of each schema with a title, wherever it stands', () => {
    const document = {
      info: { title: 'paint' },
      paths: { '/': [color, { items: color }] },
      components: { a: 1 },
    };
    assert.deepEqual(nameSchemas(document), {
      info: { title: 'paint' },
      components: {
        a: 1,
        schemas: {
          Color: { type: 'object', properties: { title: text, red: { $ref: '#/components/schemas/Share' } } },
          Share: { type: 'number' },
        },
      },
      paths: {
        '/': [{ $ref: '#/components/schemas/Color' }, { items: { $ref: '#/components/schemas/Color' } }],
      },
    });
  });

  it('leaves examples as they are', () => {
    const paths = { example: { title: 'red' }, examples: [{ title: 'blue' }], default: { title: 'none' } };
    assert.deepEqual(nameSchemas({ paths }).paths, paths);
  });

  it('keeps a description that only one of equal schemas has', () => {
    const paths = [color, { ...color, description: 'of a wall' }];
    const { components } = nameSchemas({ paths }) as {
      components: { schemas: { Color: { description: string } } };
    };
    assert.equal(components.schemas.Color.description, 'of a wall');
  });

  it('throws when two different schemas have one title', () => {
    assert.throws(
      () => nameSchemas({ paths: [color, { ...color, type: 'array' }] }),
      /one schema with the title Color; got two/,
    );
  });
});
