import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '@prometheus-io/client';
import {
  exponentialBuckets,
  linearBuckets,
} from '../../../../../src/infrastructure/metrics/instruments/buckets.ts';

test('returns the same bounds as the client', () => {
  assert.deepEqual(linearBuckets(0, 50, 5), client.linearBuckets(0, 50, 5));
  assert.deepEqual(exponentialBuckets(0.001, 1.7, 20), client.exponentialBuckets(0.001, 1.7, 20));
  assert.throws(() => linearBuckets(0, 1, 0), /count of 1 or more/);
  assert.throws(() => exponentialBuckets(0, 2, 3), TypeError);
});
