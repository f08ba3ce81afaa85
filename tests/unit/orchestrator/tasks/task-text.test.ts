import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { JsonText } from '../../../../src/orchestrator/tasks/json-text.ts';
import {
  joinData,
  othersOfPayload,
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

describe('splitTask of a request', () => {
  const splitRequest = (text: string) => {
    const work = splitTask(text, { place: 'body', hasMembers: true });
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
    }
  };
  /** What JSON.parse finds, with null in place of the payloads. */
  const expected = (text: string) => {
    const parsed = JSON.parse(text) as Record<string, unknown>;
    const found = new Map<string, unknown>();
    const take = (place: string, task: unknown) => {
      if (typeof task !== 'object' || task === null || Array.isArray(task) || !Object.hasOwn(task, 'payload'))
        return;
      found.set(place, (task as { payload: unknown }).payload);
      (task as { payload: unknown }).payload = null;
    };
    take('', parsed);
    for (const field of ['children', 'next']) {
      const list = parsed[field];
      if (Array.isArray(list)) for (const [i, task] of list.entries()) take(`${field}.${i}`, task);
    }
    return { parsed, found };
  };

  it('finds the payloads of the tasks within, as JSON.parse does', () => {
    const name = fc.constantFrom('payload', 'p\\u0061yload', 'event_type', '__proto__');
    const value = fc.constantFrom('1', '{"payload":1}', '[{"payload":2}]', '"payload"', '[[3]]', '{}', '[]');
    const object = fc
      .array(fc.tuple(name, value), { maxLength: 3 })
      .map((pairs) => `{${pairs.map(([key, json]) => `"${key}":${json}`).join(', ')}}`);
    const list = fc.array(fc.oneof(object, value), { maxLength: 4 }).map((items) => `[ ${items.join(',')} ]`);
    const field = fc.tuple(
      fc.constantFrom('children', 'next', 'n\\u0065xt', 'payload', 'other'),
      fc.oneof(list, object, value),
    );
    const request = fc
      .array(field, { maxLength: 5 })
      .map((pairs) => `{${pairs.map(([key, json]) => `"${key}":${json}`).join(',')}}`);
    fc.assert(
      fc.property(request, (text) => {
        const { rest, payload, members } = splitRequest(text);
        const { parsed, found } = expected(text);
        const own = members.filter(({ field, index }) => found.has(`${field}.${index}`));
        const last = new Map(
          own.map((each) => [`${each.field}.${each.index}`, JSON.parse(each.payload.text)]),
        );
        if (payload !== undefined) last.set('', JSON.parse(payload.text));
        assert.deepEqual([...last].toSorted(), [...found].toSorted());
        const kept = expected(rest);
        assert.deepEqual(kept.parsed, parsed);
      }),
      { numRuns: 3_000 },
    );
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
        if (text) assert.ok(othersOfPayload(data, text));
      }
    const nothing = { payload: undefined, others: {} };
    assert.deepEqual(await splitData('null'), { ...nothing, damage: undefined });
    for (const data of ['7', '"payload"', '[1]'])
      assert.match((await splitData(data)).damage ?? '', /^data: expected a JSON object/);
    for (const data of ['', '[', '{"payload":1', '{"payload":1}x']) {
      const damage = 'data: expected JSON; got another text';
      assert.deepEqual(await splitData(data), { ...nothing, damage });
    }
    assert.ok(!othersOfPayload('{"payload":12}', new JsonText('1')));
    assert.ok(!othersOfPayload('{"payload":1.5}', new JsonText('1')));
  });
});
