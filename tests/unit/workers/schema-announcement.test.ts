import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { announcedSchemas } from '../../../src/workers/schema-announcement.ts';

const handlerOf = (payloadSchema: unknown) => Object.assign(() => null, { payloadSchema });
const standard = (jsonSchema?: object) => handlerOf({ '~standard': { validate: () => ({}), jsonSchema } });

describe('announcedSchemas', () => {
  it('has what the orchestrator can check by', () => {
    const library = {
      type: 'number',
      input({ target }: { target: string }) {
        return { type: this.type, $comment: target };
      },
    };
    const throwing = {
      input() {
        throw new Error('a date has no JSON Schema');
      },
    };
    assert.deepEqual(
      announcedSchemas({
        plain: handlerOf({ type: 'string' }),
        library: standard(library),
        throwing: standard(throwing),
        unconverted: standard(),
        large: handlerOf({ title: 'x'.repeat(16_384) }),
        none: () => null,
      }),
      {
        plain: '{"type":"string"}',
        library: '{"type":"number","$comment":"draft-2020-12"}',
        throwing: undefined,
        unconverted: undefined,
        large: undefined,
        none: undefined,
      },
    );
  });
});
