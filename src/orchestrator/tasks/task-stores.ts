import { withinLimit } from './redis-limit.ts';
import type { TaskQueues } from './task-queues.ts';
import type { TaskStore } from './task-store.ts';

type Method = 'get' | 'history' | 'logs' | 'remove' | 'retry' | 'cancel' | 'runNow';

/** What shows and changes single tasks, in whichever queue they are. Throws as `TaskStore` does. */
export type TaskStores = Pick<TaskStore, Method>;

export function createTaskStores(queues: TaskQueues): TaskStores {
  const storeOf = async (id: string) => (await withinLimit(() => queues.ofTask(id))).store;
  return {
    get: async (id) => (await storeOf(id)).get(id),
    history: async (id) => (await storeOf(id)).history(id),
    logs: async (id) => (await storeOf(id)).logs(id),
    remove: async (id) => (await storeOf(id)).remove(id),
    retry: async (id, by) => (await storeOf(id)).retry(id, by),
    cancel: async (id, by) => (await storeOf(id)).cancel(id, by),
    runNow: async (id, by) => (await storeOf(id)).runNow(id, by),
  };
}
