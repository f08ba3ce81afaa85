import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readableSchema, readableSchemas } from '../../../../src/orchestrator/tasks/readable-schema.ts';

describe('readableSchema', () => {
  it('leads references to the place, and leaves out what would move their start', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $defs: { name: { $id: 'name', type: 'string', const: { $ref: 'data' } } },
      properties: { $id: { $ref: '#/$defs/name' }, self: { $ref: '#' } },
    };
    assert.deepEqual(readableSchema([JSON.stringify(schema)], '#/a'), {
      $defs: { name: { type: 'string', const: { $ref: 'data' } } },
      properties: { $id: { $ref: '#/a/$defs/name' }, self: { $ref: '#/a' } },
    });
  });

  it('joins the schemas of a rolling deploy', () => {
    assert.deepEqual(readableSchema(['{"type":"number"}', '{"$ref":"#/$defs/a"}']), {
      anyOf: [{ type: 'number' }, { $ref: '#/anyOf/1/$defs/a' }],
    });
  });

  const deep = `${'{"not":'.repeat(5_000)}{}${'}'.repeat(5_000)}`;
  for (const text of ['', '{', '[]', 'true', '{"$ref":"https://example.org/schema"}', deep]) {
    it(`shows nothing for ${text.slice(0, 40) || 'no schema'}`, () => {
      assert.equal(readableSchema(['{"type":"number"}', text]), undefined);
    });
  }

  it('leaves out what is no event type, or takes anything', async () => {
    const announced = new Map([
      ['a/b', ['{}']],
      ['a', ['']],
      ['b', ['{}']],
    ]);
    assert.deepEqual([...(await readableSchemas(announced))], [['b', {}]]);
  });
});
