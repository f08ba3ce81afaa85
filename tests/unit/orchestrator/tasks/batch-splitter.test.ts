import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BatchSplitter } from '../../../../src/orchestrator/tasks/batch-splitter.ts';

/** The tasks of a text that arrives in chunks of these sizes, parsed. */
function split(text: string | Buffer, sizes: readonly number[] = [], maxTasks = 1_000): unknown[] {
  const tasks: unknown[] = [];
  const splitter = new BatchSplitter(maxTasks, (task) => tasks.push(JSON.parse(task)));
  const bytes = Buffer.from(text);
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    splitter.write(bytes.subarray(at, at + size));
    at += size;
  }
  splitter.end();
  return tasks;
}

describe('BatchSplitter', () => {
  it('finds the tasks that JSON.parse finds, however the text is cut into chunks and spaced', () => {
    const batch = fc.array(fc.jsonValue(), { minLength: 1, maxLength: 8 });
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(batch, sizes, fc.constantFrom(0, 1, 4), (tasks, chunks, indent) => {
        const text = JSON.stringify({ tasks }, null, indent);
        assert.deepEqual(split(text, chunks), JSON.parse(text).tasks);
      }),
      { numRuns: 1_000 },
    );
  });

  it('accepts no text that JSON.parse refuses', () => {
    const text = fc.string({
      unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', '1', ' ', '{"tasks":[', ']}', 'null'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, (tail) => {
        const whole = `{"tasks":[${tail}`;
        let tasks: unknown[] | undefined;
        try {
          tasks = split(whole, [3]);
        } catch {
          return;
        }
        assert.deepEqual(tasks, JSON.parse(whole).tasks);
      }),
      { numRuns: 20_000 },
    );
  });

  it('says what it expected and what it got', () => {
    for (const [text, message] of [
      ['', /^body: expected an object with tasks; got the end of the body$/],
      ['null', /^body: expected an object with tasks; got "n"$/],
      ['{"task":[1]}', /^body: unexpected field "task"; expected only tasks$/],
      ['{"tasks":7}', /^body: expected a list of tasks; got "7"$/],
      ['{"tasks":[]}', /^body\.tasks: expected a list of 1 to 2 tasks; got an empty one$/],
      ['{"tasks":[1,2,3', /^body\.tasks: expected a list of 1 to 2 tasks; got more$/],
      ['{"tasks":[1,]}', /^body: expected a task; got "\]"$/],
      ['{"tasks":[1],"more":2}', /^body: expected the end of the object after its tasks; got ","$/],
      ['{"tasks":[1]} 2', /^body: expected nothing after the object; got "2"$/],
      ['{"tasks":[1', /^body: expected a task; got the end of the body$/],
    ] as const) {
      assert.throws(() => split(text, [], 2), { code: 'ASDLC_INPUT_INVALID', message }, text);
    }
  });

  it('refuses a task that is too large, and a key that never ends, before all of it has come', () => {
    const splitter = new BatchSplitter(2, () => undefined);
    splitter.write(Buffer.from('{"tasks":["'));
    const half = Buffer.alloc(512 * 1024, 'a');
    splitter.write(half);
    splitter.write(half.subarray(100));
    assert.throws(() => splitter.write(half), {
      code: 'ASDLC_PAYLOAD_TOO_LARGE',
      message: /^body\.tasks\.0: expected at most 1048576 bytes/,
    });
    assert.throws(() => split(`{"${'a'.repeat(1_000)}`, [7]), { code: 'ASDLC_PAYLOAD_TOO_LARGE' });
  });
});
