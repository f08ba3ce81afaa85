import assert from 'node:assert/strict';
import { after, describe, it, test } from 'node:test';
import { describeHistory, type History, runHistory } from './history/history.ts';
import { type FaultName, RANDOM_FAULTS } from './history/random-faults.ts';
import { escaped, markdownTable, TABLE_HEADS, writeSection } from './report.ts';
import { FAULT_ROWS } from './rows/all.ts';
import { FEATURE_ROWS } from './rows/features.ts';

/*
 * `npm run test:faults` runs all and writes docs/reliability.md. FAULTS_ONLY, a regular expression, runs some rows: a table is
 * written when all its rows were run. FAULTS_SEED repeats a history.
 */

const COMMAND = 'npm run test:faults';
const only = process.env.FAULTS_ONLY === undefined ? undefined : new RegExp(process.env.FAULTS_ONLY);
const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);
const HISTORY_ROUNDS = 2;
const HISTORY_RATE = 30;

const TABLES = [
  { section: 'faults', rows: FAULT_ROWS },
  { section: 'features', rows: FEATURE_ROWS },
] as const;

for (const { section, rows } of TABLES) {
  const seen = new Map<string, string>();
  // Two side by side: each mostly waits for a time that a fault lasts.
  describe(`under each fault: ${section}`, { concurrency: 2 }, () => {
    for (const { fault, promise, show } of rows.filter((row) => only?.test(row.fault) ?? true)) {
      it(`${fault}: ${promise}`, async (t) => {
        const what = await show(t).catch((error: Error) => {
          t.diagnostic(error.message); // now: the run may take minutes until it shows its failures
          throw error;
        });
        t.diagnostic(what);
        seen.set(fault, what);
      });
    }

    after(() => {
      if (seen.size < rows.length) return;
      const cells = rows.map(({ fault, promise }) => [fault, promise, seen.get(fault) ?? '']);
      const command = only === undefined ? COMMAND : `FAULTS_ONLY='${only.source}' ${COMMAND}`;
      writeSection(
        section,
        command,
        markdownTable([TABLE_HEADS[section], 'promise', 'what was seen'], cells),
      );
    });
  });
}

if (only === undefined || only.test('history')) {
  test('what happened under random faults is what the API and the counters say', async (t) => {
    process.stderr.write(`FAULTS_SEED=${seed} ${COMMAND} repeats this history\n`);
    const faults = Object.keys(RANDOM_FAULTS) as FaultName[]; // a literal object
    const history = await runHistory(t, { seed, faults, rounds: HISTORY_ROUNDS, rate: HISTORY_RATE });
    assert.deepEqual(history.violations, [], describeHistory(history));
    if (only === undefined)
      writeSection('history', `FAULTS_SEED=${seed} ${COMMAND}`, describeAsMarkdown(history));
  });
}

function describeAsMarkdown({ figures, events }: History): string {
  const table = markdownTable(['figure', 'tasks'], Object.entries(figures));
  return `Accepted = completed + dead + queued. Each ended task ran, and none more often than its attempts and stalls. The
counters say the same. \`unreported\` is what ended processes counted after their last scrape.

${table}

What was done:

${events.map((event) => `- ${escaped(event)}`).join('\n')}`;
}
