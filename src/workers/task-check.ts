import type { Job } from 'bullmq';
import { checkPayload } from '../shared/payload-limits.ts';
import { dataOf, type TaskData } from '../shared/queue.ts';
import { permanentFailure } from './failure.ts';
import type { Handlers } from './handler.ts';

/** Not all tasks come through the orchestrator. Throws what ends a task at once that no handler can be given. */
export function checkTask(job: Job<TaskData>, handlers: Handlers): void {
  const { name } = job;
  if (!Object.hasOwn(handlers, name)) {
    const type = JSON.stringify(name.slice(0, 100));
    throw permanentFailure('unknown_type', `No handler for the event type ${type} in this worker.`);
  }
  try {
    checkPayload(dataOf(job).payload, 'payload');
  } catch (error) {
    throw permanentFailure('invalid_payload', (error as Error).message);
  }
}
