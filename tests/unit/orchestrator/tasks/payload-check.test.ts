import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JsonText } from '../../../../src/orchestrator/tasks/json-text.ts';
import { createPayloadCheck } from '../../../../src/orchestrator/tasks/payload-check.ts';

const check = (payload: unknown, ...schemas: string[]) => {
  const known = new Map([['a', schemas]]);
  const text = new JsonText(JSON.stringify(payload));
  return createPayloadCheck({ schemas: { all: async () => known } })([{ event_type: 'a', payload: text }]);
};
const number = '{"type":"number"}';

describe('createPayloadCheck', () => {
  it('refuses what no schema takes, without the value', async () => {
    await assert.rejects(check('secret', number, '{"type":"boolean"}'), {
      code: 'ASDLC_PAYLOAD_INVALID',
      statusCode: 422,
      message: 'payload: expected what the schema of a says; got another: must be boolean',
    });
    await check(true, number, '{"type":"boolean"}');
  });

  for (const schema of [
    '',
    '{',
    'null',
    '{"type":"number","pattern":"(a+)+$"}',
    '{"type":"number","$ref":"https://example.org/schema"}',
    `{"type":"number","title":"${'x'.repeat(20_000)}"}`,
  ]) {
    it(`refuses nothing by ${schema.slice(0, 50) || 'no schema'}`, () => check('text', number, schema));
  }

  it('refuses nothing when Redis does not answer', async () => {
    const never = createPayloadCheck({ schemas: { all: () => new Promise(() => undefined) } });
    const kept = setTimeout(() => undefined, 60_000); // its own timer does not keep the process
    await never([{ event_type: 'a', payload: new JsonText('1') }]);
    clearTimeout(kept);
  });
});
