import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { Type } from 'typebox';
import * as v from 'valibot';
import { z } from 'zod';
import { defineHandlers, type HandlerSettings } from '../../src/handlers/index.ts';

const Invoice = Type.Object({ amount: Type.Number({ minimum: 0 }) });
const ZodPayment = z.object({ amount: z.number().min(0), currency: z.string().default('EUR') });
const ValibotPayment = v.object({
  amount: v.pipe(v.number(), v.minValue(0)),
  currency: v.optional(v.string(), 'EUR'),
});
const ArkPayment = type({ amount: 'number >= 0', currency: 'string = "EUR"' });

/** Compiles only while the schema gives the payload its type: `currency` has a default and is always there. */
const paid = ({ amount, currency }: { amount: number; currency: string }) => ({
  paid: `${amount.toFixed(2)} ${currency}`,
});

/* Handlers whose payloads have a schema of each library. One runs in a thread, the others in the process. */

export const handlers = defineHandlers({
  'invoice.send': { payload: Invoice, handle: ({ payload }) => ({ sent: payload.amount }) },
  'invoice.print': { payload: Invoice, handle: ({ payload }) => ({ printed: payload.amount }) },
  'pay.zod': { payload: ZodPayment, handle: ({ payload }) => paid(payload) },
  'pay.valibot': { payload: toStandardJsonSchema(ValibotPayment), handle: ({ payload }) => paid(payload) },
  'pay.arktype': { payload: ArkPayment, handle: ({ payload }) => paid(payload) },
});

export const settings: Record<string, HandlerSettings> = { 'invoice.print': { thread: true } };
