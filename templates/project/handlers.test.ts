import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestContext } from 'asdlc/handlers';
import { handlers } from './handlers.ts';

const greet = handlers['greeting.make'];

test('greets', async () => {
  const task = createTestContext({ payload: { name: 'Ada' } });
  assert.deepEqual(await greet(task), { text: 'Hello Ada' });
  assert.equal(task.logs[0]?.msg, 'making a greeting');
});

test('refuses a payload without a name, and asks for no retry', async () => {
  // @ts-expect-error: the schema asks for a name
  const refused = async () => greet(createTestContext({ payload: { nam: 'Ada' } }));
  await assert.rejects(refused, { retryable: false, message: /must have required properties name/ });
});
