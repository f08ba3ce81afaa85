import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenError } from '../../../../dashboard/src/api/token-error.ts';

test('a token that a header can carry is valid', () => {
  assert.equal(tokenError('open-sesame'), undefined);
  assert.equal(tokenError('!~0aZ+/='), undefined);
});

test('a token that no header can carry is refused, with the character in the way', () => {
  assert.match(tokenError('open‑sesame') ?? '', /ASCII.*“‑” \(U\+2011\)/);
  assert.match(tokenError('open sesame') ?? '', /a space \(U\+0020\)/);
  assert.match(tokenError('sésame🔑') ?? '', /“é” \(U\+00E9\)/);
  assert.match(tokenError('🔑') ?? '', /“🔑” \(U\+1F511\)/);
  assert.match(tokenError('') ?? '', /Expected/);
});
