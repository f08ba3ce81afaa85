import assert from 'node:assert/strict';
import { taskIn } from '../../../support/http.ts';
import { until } from '../../../support/until.ts';
import { type Feature, startSubmissions } from './feature.ts';

const QUEUES = ['tasks', 'gpu'];

/** Two queues, which each worker process serves. */
export const queues: Feature = async (scope) => ({
  env: { TASK_ROUTES: 'gpu', WORKER_QUEUES: 'tasks:6,gpu:4' },
  start: async (system) => {
    const queueOf = (n: number) => QUEUES[n % 2] ?? '';
    const submissions = startSubmissions(scope, system, (n) => ({
      event_type: 'wait',
      payload: 50 * (n % 20),
      queue: queueOf(n),
    }));
    await until('tasks end', () => system.runs.read('end').length >= 20);
    return {
      end: async () => {
        const { accepted, sentAgain } = await submissions.stop();
        for (const [n, { id }] of accepted.entries()) {
          const { status, queue } = await taskIn(system.url, id, ['completed', 'dead'], 30_000);
          assert.deepEqual([status, queue], ['completed', queueOf(n)], id);
        }
        const inFirst = Math.ceil(accepted.length / 2);
        return `${inFirst} tasks of one queue and ${accepted.length - inFirst} of the other, all completed in their queue; ${sentAgain} sent again`;
      },
    };
  },
});
