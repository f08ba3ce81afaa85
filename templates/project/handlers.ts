import { defineHandlers, defineSchedules, type HandlerSettings } from 'asdlc/handlers';
import { Type } from 'typebox';

/** By event type: what a handler returns is the task's result, what it throws is the task's error. */
export const handlers = defineHandlers({
  'greeting.make': {
    /** Other payloads are refused when they are submitted. A schema of Zod, Valibot or ArkType does as well. */
    payload: Type.Object({ name: Type.String() }),
    handle: async ({ payload, attempt, logger }) => {
      logger.info({ attempt }, 'making a greeting');
      return { text: `Hello ${payload.name}` };
    },
  },
});

/** By id: they make tasks by themselves, at an interval or by a cron expression. */
export const schedules = defineSchedules(handlers, {
  'greeting.minutely': { everyMs: 60_000, eventType: 'greeting.make', payload: { name: 'World' } },
});

export const settings: Record<string, HandlerSettings> = {
  'greeting.make': { timeoutSeconds: 10 },
};
