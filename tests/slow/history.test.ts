import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeHistory, runHistory } from '../faults/history/history.ts';

/** The short form of `npm run test:faults`. */
test('what was accepted is completed, dead or queued, and counted so, after faults', async (t) => {
  const faults = ['worker killed', 'connections cut', 'orchestrator killed', 'Redis killed'] as const;
  const history = await runHistory(t, { seed: 7, faults, rounds: 1, rate: 30 });
  assert.deepEqual(history.violations, [], describeHistory(history));
  const { accepted = 0, completed = 0, dead = 0, queued = 0 } = history.figures;
  assert.ok(accepted > 50 && completed + dead + queued >= accepted, describeHistory(history));
});
