import { Type } from 'typebox';
import { defineHandlers, type HandlerSettings } from '../../src/handlers/index.ts';

const Invoice = Type.Object({ amount: Type.Number({ minimum: 0 }) });

/* Handlers whose payloads have a schema: one runs in the process, one in a thread. */

export const handlers = defineHandlers({
  'invoice.send': { payload: Invoice, handle: ({ payload }) => ({ sent: payload.amount }) },
  'invoice.print': { payload: Invoice, handle: ({ payload }) => ({ printed: payload.amount }) },
});

export const settings: Record<string, HandlerSettings> = { 'invoice.print': { thread: true } };
