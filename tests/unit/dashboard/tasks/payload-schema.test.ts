import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { examplePayload, payloadFields } from '../../../../dashboard/src/tasks/task/payload-schema.ts';

const ORDER = {
  type: 'object',
  required: ['kind', 'customer', 'count'],
  properties: {
    kind: { enum: ['new', 'old'] },
    customer: { $ref: '#/$defs/customer', description: 'who pays' },
    count: { type: 'integer', minimum: 1, maximum: 9 },
    tags: { type: 'array', items: { type: ['string', 'null'] } },
    'a/b': { anyOf: [{ const: 1 }, { type: 'boolean' }] },
  },
  $defs: {
    customer: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
  },
};

describe('the schema of a payload', () => {
  it('shows its fields, inner ones after outer ones', () => {
    const lines = payloadFields(ORDER).map(({ place, expected, isRequired, description }) =>
      [place, expected, isRequired ? 'required' : '', description].join('|'),
    );
    assert.deepEqual(lines, [
      '/kind|"new" or "old"|required|',
      '/customer|object|required|who pays',
      '/customer/name|string|required|',
      '/count|integer ≥ 1 ≤ 9|required|',
      '/tags|list of string or null||',
      '/a~1b|1 or boolean||',
    ]);
  });

  it('makes an example of what is required', () => {
    assert.deepEqual(examplePayload(ORDER), { kind: 'new', customer: { name: '' }, count: 1 });
    assert.equal(examplePayload({ type: 'string', examples: ['x'] }), 'x');
    assert.deepEqual(examplePayload({ anyOf: [{ type: 'number' }, ORDER], $defs: ORDER.$defs }), {
      kind: 'new',
      customer: { name: '' },
      count: 1,
    });
  });

  it('ends with a schema that contains itself, or is nonsense', () => {
    const tree = {
      type: 'object',
      required: ['child'],
      properties: { child: { $ref: '#' }, loop: { $ref: '#/properties/loop' } },
    };
    assert.ok(payloadFields(tree).length < 20);
    assert.deepEqual(examplePayload(tree), { child: { child: { child: { child: {} } } } });
    for (const value of [null, 1, 'x', [], { a: 1 }]) {
      const odd = {
        properties: { a: { type: value, enum: value, anyOf: value, $ref: value } },
        required: value,
      };
      assert.equal(typeof examplePayload(odd), 'object');
      assert.ok(payloadFields(odd).length <= 4);
    }
  });
});
