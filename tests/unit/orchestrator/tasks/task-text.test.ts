import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { JsonText } from '../../../../src/orchestrator/tasks/json-text.ts';
import {
  beginsWithPayload,
  joinData,
  splitData,
  splitTask,
} from '../../../../src/orchestrator/tasks/task-text.ts';

function split(text: string) {
  const work = splitTask(text, { place: 'body' });
  for (;;) {
    const { done, value } = work.next();
    if (done) return [value.payload?.text, value.rest];
  }
}

describe('splitTask', () => {
  it('finds the payload that JSON.parse finds', () => {
    const name = fc.constantFrom(
      'payload',
      'p\\u0061yload',
      'paylo\\u0061d',
      'a',
      'PAYLOAD',
      '',
      '\\"payload',
      '__proto__',
    );
    const value = fc.oneof(
      fc.jsonValue().map((json) => JSON.stringify(json)),
      fc.constantFrom('{"payload":1}', '[{"payload":2}]', '"payload"', '"\\"payload\\":1"'),
    );
    const members = fc.array(fc.tuple(name, value), { maxLength: 5 });
    const space = fc.constantFrom('', ' ', '\n\t');
    fc.assert(
      fc.property(members, space, (pairs, gap) => {
        const text = `${gap}{${pairs.map(([key, json]) => `${gap}"${key}"${gap}:${gap}${json}${gap}`).join(',')}}${gap}`;
        const parsed = JSON.parse(text) as { payload?: unknown };
        const [payload, rest = ''] = split(text);
        assert.deepEqual(payload === undefined ? undefined : JSON.parse(payload), parsed.payload);
        if (Object.hasOwn(parsed, 'payload')) parsed.payload = null;
        assert.deepEqual(JSON.parse(rest), parsed);
      }),
      { numRuns: 3_000 },
    );
    for (const text of ['[{"payload":1}]', '"payload"', '{"a":{"payload":1}}', '{"a":"payload"}', 'null'])
      assert.deepEqual(split(text), [undefined, text]);
  });
});

describe('the data of a task', () => {
  it('are read as they were written, whoever wrote them', async () => {
    for (const payload of [undefined, '0', 'null', '"}"', '[1]', '{"payload":{}}'])
      for (const others of [{}, { traceparent: 'a' }]) {
        const text = payload === undefined ? undefined : new JsonText(payload);
        const data = joinData({ payload: text, others });
        assert.deepEqual(JSON.parse(data), { ...(payload && { payload: JSON.parse(payload) }), ...others });
        const read = await splitData(data);
        assert.deepEqual([read.payload?.text, read.others, read.damage], [payload, others, undefined]);
        if (text) assert.ok(beginsWithPayload(data, text));
      }
    const nothing = { payload: undefined, others: {} };
    assert.deepEqual(await splitData('null'), { ...nothing, damage: undefined });
    for (const data of ['7', '"payload"', '[1]'])
      assert.match((await splitData(data)).damage ?? '', /^data: expected a JSON object/);
    for (const data of ['', '[', '{"payload":1', '{"payload":1}x']) {
      const damage = 'data: expected JSON; got another text';
      assert.deepEqual(await splitData(data), { ...nothing, damage });
    }
    assert.ok(!beginsWithPayload('{"payload":12}', new JsonText('1')));
    assert.ok(!beginsWithPayload('{"payload":1.5}', new JsonText('1')));
  });
});
