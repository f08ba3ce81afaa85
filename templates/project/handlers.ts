import { defineHandlers, type HandlerSettings } from 'asdlc/handlers';

/** By event type: what a handler returns is the task's result, what it throws is the task's error. */
export const handlers = defineHandlers({
  'greeting.make': async ({ payload, attempt, logger }) => {
    const name = nameOf(payload);
    logger.info({ attempt }, 'making a greeting');
    return { text: `Hello ${name}` };
  },
});

export const settings: Record<string, HandlerSettings> = {
  'greeting.make': { timeoutSeconds: 10 },
};

/** Anybody may submit anything. An error with `retryable: false` makes the task dead at once: a retry would not help. */
function nameOf(payload: unknown): string {
  const { name } = (payload ?? {}) as { name?: unknown };
  if (typeof name === 'string') return name;
  const message = `expected a payload such as {"name": "Ada"}; got ${JSON.stringify(payload)}`;
  throw Object.assign(new Error(message), { retryable: false });
}
