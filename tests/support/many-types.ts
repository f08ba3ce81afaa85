import { join } from 'node:path';
import { type DrivenStack, startDrivenStack } from './driven-stack.ts';
import { post } from './http.ts';
import type { Scope } from './scope.ts';

export const MADE_UP_TYPES = Array.from({ length: 147 }, (_, i) => `type.${String(i + 1).padStart(3, '0')}`);
/** These get tasks all the time, each more than the next, and more than any that a driven stack sends by itself. */
export const LARGEST_TYPES = MADE_UP_TYPES.slice(0, 10);
/** These get one task. All others stay idle. */
export const SMALL_TYPES = MADE_UP_TYPES.slice(10, 40);

/** A driven stack whose workers have handlers for 150 event types. */
export async function startStackOfManyTypes(scope: Scope): Promise<DrivenStack> {
  const stack = await startDrivenStack(scope, {
    WORKER_HANDLERS: join(import.meta.dirname, 'many-handlers.ts'),
  });
  const submit = (eventTypes: readonly string[]) =>
    post(`${stack.url}/api/tasks/batch`, { tasks: eventTypes.map((event_type) => ({ event_type })) });
  await submit(SMALL_TYPES);
  let turn = 0;
  const timer = setInterval(() => {
    turn++;
    const sent = LARGEST_TYPES.flatMap((eventType, i) => {
      const wave = 1 + 0.3 * Math.sin(turn / 5 + i);
      return new Array<string>(Math.round((20 - i) * wave)).fill(eventType);
    });
    void submit(sent).catch(() => undefined); // the orchestrator may be gone at the end
  }, 1_000);
  scope.after(() => clearInterval(timer));
  return stack;
}
