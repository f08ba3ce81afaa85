import assert from 'node:assert/strict';
import { request, taskIn } from '../../../support/http.ts';
import { until } from '../../../support/until.ts';
import { type Accepted, type Feature, type FeatureSystem, startSubmissions } from './feature.ts';

const wait = (payload: number) => ({ event_type: 'wait', payload });
const dies = { event_type: 'fail', max_attempts: 1 };

/** The third child of each fifth flow dies. */
const isDoomed = (n: number) => n % 5 === 4;

/** Tasks with three children and one that follows. */
export const flows: Feature = async (scope) => ({
  start: async (system) => {
    const submissions = startSubmissions(scope, system, (n) => ({
      ...wait(20),
      children: [wait(50 * (n % 20)), wait(10), isDoomed(n) ? dies : wait(30)],
      next: [wait(10)],
    }));
    await until('tasks end', () => system.runs.read('end').length >= 50);
    return {
      end: async () => {
        const { accepted, sentAgain } = await submissions.stop();
        for (const [n, flow] of accepted.entries()) await judge(system, flow, isDoomed(n));
        const { body } = await request(`${system.url}/api/queue`);
        assert.equal(body.tasks.blocked, 0);
        const doomed = accepted.filter((_, n) => isDoomed(n)).length;
        return `${accepted.length} flows of 5 tasks: ${accepted.length - doomed} completed, in order; ${doomed} ended with their dead child; none is left blocked; ${sentAgain} sent again`;
      },
    };
  },
});

async function judge({ url, runs }: FeatureSystem, flow: Accepted, isDoomed: boolean): Promise<void> {
  const [children = [], next = []] = [flow.children, flow.next];
  assert.deepEqual([children.length, next.length], [3, 1]);
  const end = async (id: string) => taskIn(url, id, ['completed', 'dead'], 60_000);
  for (const [i, { id }] of children.entries())
    assert.equal((await end(id)).status, isDoomed && i === 2 ? 'dead' : 'completed', id);
  for (const { id } of [flow, ...next]) {
    const { status, error } = await end(id);
    assert.equal(status, isDoomed ? 'dead' : 'completed', id);
    if (isDoomed) assert.match(error.message, /^child dead: /);
  }
  const inOrder = [children, [flow], next];
  for (const [i, waiting] of inOrder.entries()) {
    const first = Math.min(
      ...runs
        .read('start')
        .filter((run) => waiting.some(({ id }) => id === run.id))
        .map(({ atMs }) => atMs),
    );
    if (isDoomed && i > 0) assert.equal(first, Number.POSITIVE_INFINITY, 'it did not begin');
    else if (i > 0)
      for (const { id } of inOrder[i - 1] ?? [])
        assert.ok(
          runs.read('end').some((run) => run.id === id && run.atMs <= first),
          `${id} ended before`,
        );
  }
}
