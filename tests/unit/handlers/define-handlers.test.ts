import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type } from 'typebox';
import type { PayloadOf, ResultOf } from '../../../src/client/task-types.ts';
import { createTestContext, defineHandlers, type StandardSchema } from '../../../src/handlers/index.ts';
import { asFailure } from '../../../src/workers/attempts/failure.ts';
import { handlers as payments } from '../../support/schema-handlers.ts';

const Invoice = Type.Object({ amount: Type.Number(), to: Type.String({ format: 'email' }) });

/** Text that is submitted and reaches the handler as a number; asynchronous, as Standard Schema allows. */
const Count: StandardSchema<{ count: string }, { count: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value) => {
      const count = Number((value as { count?: unknown } | null)?.count);
      if (Number.isInteger(count)) return { value: { count } };
      return { issues: [{ message: 'expected digits', path: ['a/b', { key: 'count' }] }] };
    },
  },
};

const handlers = defineHandlers({
  'invoice.send': {
    payload: Invoice,
    handle: ({ payload, id }) => ({ sent: payload.amount.toFixed(2), to: payload.to.toLowerCase(), id }),
  },
  'count.double': { payload: Count, handle: async ({ payload }) => payload.count * 2 },
  'greeting.make': ({ payload }) => ({ text: `Hello ${payload}` }),
});

const failureOf = async (work: Promise<unknown>) => {
  try {
    await work;
  } catch (error) {
    const { reason, isPermanent, thrown } = asFailure(error);
    return { reason, isPermanent, message: thrown.message };
  }
  assert.fail('expected a failure; got a result');
};

describe('defineHandlers', () => {
  it('hands on a payload that fits a schema of TypeBox', async () => {
    const payload = { amount: 2, to: 'ADA@example.org' };
    const result = await handlers['invoice.send'](createTestContext({ payload, id: 'a' }));
    assert.deepEqual(result, { sent: '2.00', to: 'ada@example.org', id: 'a' });
  });

  it('hands on what a Standard Schema makes of the payload', async () => {
    assert.equal(await handlers['count.double'](createTestContext({ payload: { count: '21' } })), 42);
  });

  it('keeps the schema, and functions as they are', () => {
    assert.equal(handlers['invoice.send'].payloadSchema, Invoice);
    const result: { text: string } = handlers['greeting.make'](createTestContext({ payload: 'Ada' }));
    assert.deepEqual(result, { text: 'Hello Ada' });
  });

  it('fails for good with the places where a payload does not fit, and not its values', async () => {
    const payload = { amount: 'secret', to: 'nobody' } as unknown as { amount: number; to: string };
    assert.deepEqual(await failureOf(handlers['invoice.send'](createTestContext({ payload }))), {
      reason: 'invalid_payload',
      isPermanent: true,
      message:
        'The payload does not fit the schema of invoice.send: /amount: must be number; /to: must match format "email"',
    });
  });

  it('fails for good with the issues of a Standard Schema', async () => {
    const payload = { count: 'many' };
    assert.deepEqual(await failureOf(handlers['count.double'](createTestContext({ payload }))), {
      reason: 'invalid_payload',
      isPermanent: true,
      message: 'The payload does not fit the schema of count.double: /a~1b/count: expected digits',
    });
  });

  it('names five places and counts the others', async () => {
    const { many } = defineHandlers({ many: { payload: Type.Array(Type.Number()), handle: () => null } });
    const payload = Array(8).fill('') as number[];
    const { message } = await failureOf(many(createTestContext({ payload })));
    assert.match(message, /\/4: must be number; 3 more$/);
  });

  for (const name of ['pay.zod', 'pay.valibot', 'pay.arktype'] as const) {
    it(`knows type, default and place of ${name}`, async () => {
      const payload: PayloadOf<typeof payments, typeof name> = { amount: 1 };
      // @ts-expect-error: the schema says that it is a number
      const wrong: PayloadOf<typeof payments, typeof name> = { amount: '1' };
      assert.deepEqual(await payments[name](createTestContext({ payload })), { paid: '1.00 EUR' });
      const { reason, message } = await failureOf(payments[name](createTestContext({ payload: wrong })));
      assert.equal(reason, 'invalid_payload');
      assert.match(message, new RegExp(`^The payload does not fit the schema of ${name}: /amount: `));
    });
  }

  it('gives the client what is submitted, and what comes back', () => {
    const invoice: PayloadOf<typeof handlers, 'invoice.send'> = { amount: 1, to: 'a@example.org' };
    const count: PayloadOf<typeof handlers, 'count.double'> = { count: '1' };
    const result: ResultOf<typeof handlers, 'count.double'> = 2;
    // @ts-expect-error: the schema says that it is a number
    const wrong: PayloadOf<typeof handlers, 'invoice.send'> = { amount: '1', to: 'a@example.org' };
    assert.ok([invoice, count, result, wrong]);
  });

  it('refuses what is neither a function nor a definition, with its event type', () => {
    const define = defineHandlers as (handlers: unknown) => unknown;
    assert.throws(() => define({ a: { handle: () => 1 } }), {
      message:
        'a: expected a function, or {payload, handle} with a schema and a function; got {payload: undefined, handle: function}',
    });
    assert.throws(() => define({ a: null }), { message: /; got null$/ });
  });
});
