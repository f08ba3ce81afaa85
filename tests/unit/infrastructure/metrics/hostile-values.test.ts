import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../support/hostile-program.ts', import.meta.url));

test('nothing that a call or a request passes is thrown into the host, and each request is answered', async () => {
  const seed = Math.floor(Math.random() * 1e6);
  const child = spawn(process.execPath, ['--no-warnings', PROGRAM, String(seed), '100']);
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  assert.deepEqual([code, output], [0, 'nothing was thrown\n'], `seed ${seed}: ${errors}`);
});
