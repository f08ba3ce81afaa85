import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type } from 'typebox';
import { createSerializers } from '../../../../src/shared/service/serializers.ts';

describe('createSerializers', () => {
  const compile = createSerializers();
  const serializerOf = (schema: object) => compile({ schema, url: '/', method: 'GET', httpStatus: '200' });
  const body = (description: string) => Type.Object({ code: Type.String() }, { description });

  it('compiles schemas that differ in their description once, others apart', () => {
    const serialize = serializerOf(body('an error'));
    assert.equal(serializerOf(body('another error')), serialize);
    assert.equal(serialize({ code: 'a', secret: 1 }), '{"code":"a"}');
    assert.equal(serializerOf(Type.Object({ count: Type.Integer() }))({ count: 1 }), '{"count":1}');
  });

  it('takes schemas with a choice, which it checks values by', () => {
    const serialize = serializerOf(Type.Object({ at: Type.Union([Type.String(), Type.Null()]) }));
    assert.equal(serialize({ at: null }), '{"at":null}');
    assert.equal(serialize({ at: 'now' }), '{"at":"now"}');
  });
});
