import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProgram } from '../../../../src/local-stack/processes/find-program.ts';

test('returns the path of the first program that is on PATH', () => {
  assert.match(findProgram(['no-such-program', 'sh'], 'X_URL'), /\/sh$/);
});

test('says what to do when no such program is on PATH', () => {
  assert.throws(() => findProgram(['no-such-a', 'no-such-b'], 'X_URL'), {
    code: 'ASDLC_PROGRAM_MISSING',
    message:
      /^Expected the program no-such-a or no-such-b on PATH, and did not find it\. `npm start` .* set X_URL /,
  });
});
