import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { REPOSITORY } from '../../support/processes.ts';

/** All that starts the orchestrator as a program of Node. */
const LAUNCHERS = [
  'package.json',
  'deploy/image/entrypoint.sh',
  'deploy/systemd/asdlc-orchestrator.service',
  'src/local-stack/servers/node-services.ts',
];

it('all that starts the orchestrator gives Node the same flags for its heap', () => {
  for (const path of LAUNCHERS) {
    const flags = readFileSync(join(REPOSITORY, path), 'utf8').match(/--[a-z-]*(semi|heap)[a-z-]*=\d+/g);
    assert.deepEqual(flags, ['--max-semi-space-size=8', '--heap-growing-percent=100'], path);
  }
});
