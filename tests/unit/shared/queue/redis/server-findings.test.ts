import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findingsIn } from '../../../../../src/shared/queue/redis/server-findings.ts';

const info = (fields: Record<string, string>) =>
  `# Server\r\n${Object.entries(fields)
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('')}`;
const good = { redis_version: '7.0.15', maxmemory_policy: 'noeviction', aof_enabled: '1' };

describe('findingsIn', () => {
  it('finds nothing in a server that is set up well, or that shows nothing', () => {
    assert.deepEqual([findingsIn(info(good)), findingsIn('')], [[], []]);
    assert.deepEqual(findingsIn(info({ ...good, redis_version: '10.0.0' })), []);
  });

  it('finds an eviction policy, an old version and a missing append-only file', () => {
    const bad = { redis_version: '6.0.16', maxmemory_policy: 'allkeys-lru', aof_enabled: '0' };
    assert.deepEqual(findingsIn(info(bad)), [
      { finding: 'maxmemory_policy', expected: 'noeviction', got: 'allkeys-lru' },
      { finding: 'version', expected: '6.2 or newer', got: '6.0.16' },
      { finding: 'append_only_file', expected: 'appendonly yes', got: 'appendonly no' },
    ]);
  });
});
