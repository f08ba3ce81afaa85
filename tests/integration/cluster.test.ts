import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { REPOSITORY } from '../support/processes.ts';

const run = promisify(execFile);

const EXPECTED = `# HELP jobs_total Jobs.
# TYPE jobs_total counter
jobs_total{kind="a\\"\\n\\\\b"} 3
jobs_total{kind="only 1"} 1
jobs_total{kind="only 2"} 1

# HELP job_seconds Time.
# TYPE job_seconds histogram
job_seconds_bucket{le="1"} 0
job_seconds_bucket{le="2"} 3
job_seconds_bucket{le="+Inf"} 3
job_seconds_sum 4.5
job_seconds_count 3

# HELP queue_size Size.
# TYPE queue_size gauge
queue_size 20
`;

describe("the client's aggregation", () => {
  for (const kind of ['cluster', 'threads']) {
    it(`adds up the instruments of two workers (${kind}), each by its aggregator`, async () => {
      const program = join(REPOSITORY, 'tests/support/cluster-program.ts');
      const { stdout } = await run(process.execPath, [program, kind], { timeout: 30_000 });
      assert.equal(stdout, EXPECTED);
    });
  }
});
