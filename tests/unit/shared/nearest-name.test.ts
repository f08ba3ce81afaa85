import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName } from '../../../src/shared/nearest-name.ts';

const names = ['REDIS_URL', 'QUEUE_PREFIX', 'SERVICE_HOST', 'SERVICE_PORT'];

for (const [name, nearest] of [
  ['REDIS_URI', 'REDIS_URL'],
  ['RDIS_URL', 'REDIS_URL'],
  ['REDIS_URLS', 'REDIS_URL'],
  ['QUUEE_PREFIX', 'QUEUE_PREFIX'],
  ['SERVICE_PORTS', 'SERVICE_PORT'],
  ['SERVICE_NAME', undefined],
  ['REDIS', undefined],
  ['', undefined],
] as const) {
  test(`returns ${nearest} for ${JSON.stringify(name)}`, () => {
    assert.equal(nearestName(name, names), nearest);
  });
}
