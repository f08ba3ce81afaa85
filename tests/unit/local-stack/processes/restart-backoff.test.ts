import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RestartBackoff } from '../../../../src/local-stack/processes/restart-backoff.ts';

test('doubles the delay from 0.5 s, and gives up at the fifth death within 60 s', () => {
  const backoff = new RestartBackoff();
  const deaths = [0, 1_000, 2_000, 58_000, 59_999];
  assert.deepEqual(
    deaths.map((at) => backoff.next(at)),
    [500, 1_000, 2_000, 4_000, undefined],
  );
});

test('does not exceed 8 s for deaths that are spread over more than 60 s', () => {
  const backoff = new RestartBackoff();
  const deaths = [0, 20_000, 40_000, 60_000, 80_000, 100_000, 120_000];
  assert.deepEqual(
    deaths.map((at) => backoff.next(at)),
    [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000],
  );
});

test('begins again with 0.5 s after a life of 60 s', () => {
  const backoff = new RestartBackoff();
  assert.deepEqual([backoff.next(0), backoff.next(1_000), backoff.next(61_000)], [500, 1_000, 500]);
});
