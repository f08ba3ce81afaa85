import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSeededRandom } from '../faults/history/seeded-random.ts';
import { until } from '../support/until.ts';
import { readEnd } from './flow-model/end.ts';
import { describeChanges, RandomClient } from './flow-model/history.ts';
import { judgeEnd, judgeRuns } from './flow-model/judgement.ts';
import { changeAll, counts, startFlowSystem, untilQuiet } from './flow-model/system.ts';

const STEPS = 120;
/** Of each step. */
const CHANGES_EACH = 4;
/** So many steps lie between two kills. */
const CALM_STEPS = 10;
/** The next step comes once no more tasks than these wait or run. */
const MOST_UNDER_WAY = 40;

const seed = Number(process.env.FLOWS_SEED ?? Date.now() % 1_000_000);

describe('flows', () => {
  it('are whole and come to their end while workers, the orchestrator and Redis are killed', async (t) => {
    process.stderr.write(`FLOWS_SEED=${seed} repeats these flows and changes\n`);
    const system = await startFlowSystem(t);
    const { url } = system;
    const [client, faults] = [
      new RandomClient(system, createSeededRandom(seed)),
      createSeededRandom(seed + 1),
    ];
    const killed: string[] = [];
    let killing: Promise<string> | undefined;
    for (let step = 1; step <= STEPS; step += 1) {
      await client.submit();
      for (let change = 0; change < CHANGES_EACH; change += 1) await client.change();
      await until(
        'few tasks are under way',
        async () => {
          const { waiting = 0, active = 0 } = await counts(url);
          return waiting + active < MOST_UNDER_WAY;
        },
        60_000,
      );
      if (step % CALM_STEPS > 0) continue;
      if (killing !== undefined) killed.push(await killing);
      killing = system.killOne(faults);
    }
    t.diagnostic(`killed: ${[...killed, await killing].join(', ')}; ${describeChanges(client)}`);

    await client.settled();
    await untilQuiet(url);
    const first = await readEnd(system);
    const after = judgeEnd(first, client);
    system.mendAll();
    await changeAll(url, 'retry', { status: 'dead' });
    await untilQuiet(url);
    const last = await readEnd(system);
    t.diagnostic(
      `${client.flows.length} flows; ${JSON.stringify(first.counts)}, then ${JSON.stringify(last.counts)}`,
    );
    const violations = [...after, ...judgeEnd(last, client, { isMended: true }), ...judgeRuns(last, client)];
    assert.deepEqual(violations, [], `FLOWS_SEED=${seed}`);
  });
});
