import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { REVIEWED_BULLMQ_VERSION } from '../../../../src/shared/queue/bullmq-schema.ts';
import { REPOSITORY } from '../../../support/processes.ts';

const readJson = (path: string) => JSON.parse(readFileSync(join(REPOSITORY, path), 'utf8'));

describe('the reviewed version of BullMQ', () => {
  it('is the installed one', () => {
    const { version } = readJson('node_modules/bullmq/package.json');
    assert.equal(
      version,
      REVIEWED_BULLMQ_VERSION,
      `BullMQ ${version} is installed; asdlc was compared with ${REVIEWED_BULLMQ_VERSION}. Read the changes between the ` +
        'two. Compare the keys, fields and scripts in src/shared/queue/bullmq-*.ts with ' +
        'bullmq/dist/esm/scripts and bullmq/dist/esm/classes/job.js. Compare the members that ' +
        'src/workers/recovery/resilient-worker.ts overrides with bullmq/dist/esm/classes/{worker,lock-manager}.js. ' +
        'Then set REVIEWED_BULLMQ_VERSION.',
    );
  });

  it('is the only one that package.json allows', () => {
    assert.equal(readJson('package.json').dependencies.bullmq, REVIEWED_BULLMQ_VERSION);
  });
});
