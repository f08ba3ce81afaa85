import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  loadLocalStackConfig,
  loadOrchestratorConfig,
  loadWorkersConfig,
} from '../../../src/shared/config.ts';
import { temporaryFolder } from '../../support/processes.ts';

const problemsOf = (environment: Record<string, string>): string[] => {
  const messages = [loadOrchestratorConfig, loadWorkersConfig, loadLocalStackConfig].map((load) => {
    try {
      load(environment);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  });
  assert.equal(new Set(messages).size, 1, messages.join('\n'));
  return (messages[0] ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
};
const secure = { REDIS_URL: 'rediss://a' };

describe('the settings of Redis, in every process', () => {
  it('are in order with one URL alone, and with none', () => {
    for (const settings of [{}, { REDIS_URL: 'redis://a/1' }, secure])
      assert.deepEqual(problemsOf(settings), []);
  });

  it('name the wrong part of REDIS_URL and show nothing of it', () => {
    const expected = [
      'REDIS_URL: expected a database that is a whole number, as /0; got another database or path (not shown)',
    ];
    assert.deepEqual(problemsOf({ REDIS_URL: 'redis://:hidden@a/abc' }), expected);
  });

  it('need a master with Sentinels, and only then', () => {
    const sentinels = { REDIS_URL: 'redis://a,b', REDIS_MODE: 'sentinel' };
    assert.match(problemsOf(sentinels).join(), /^REDIS_SENTINEL_MASTER: expected a name/);
    assert.deepEqual(
      problemsOf({ ...sentinels, REDIS_SENTINEL_MASTER: 'm', REDIS_SENTINEL_PASSWORD: 'p' }),
      [],
    );
    assert.match(
      problemsOf({ REDIS_SENTINEL_PASSWORD: 'p' }).join(),
      /REDIS_SENTINEL_PASSWORD: expected REDIS_MODE sentinel/,
    );
  });

  it('refuse files for TLS without TLS, a certificate without its key, and files that cannot be used', async (t) => {
    const folder = await temporaryFolder(t);
    const file = join(folder, 'not.pem');
    writeFileSync(file, 'x');
    assert.match(
      problemsOf({ REDIS_TLS_CA_FILE: file }).join(),
      /REDIS_TLS_CA_FILE: expected a rediss:\/\/ URL/,
    );
    assert.match(problemsOf({ ...secure, REDIS_TLS_KEY_FILE: file }).join(), /only one of the two/);
    const missing = { ...secure, REDIS_TLS_CA_FILE: join(folder, 'gone') };
    assert.deepEqual(problemsOf(missing), [
      'REDIS_TLS_CA_FILE: expected a file that can be read; got ENOENT',
    ]);
    const pair = { ...secure, REDIS_TLS_CERT_FILE: file, REDIS_TLS_KEY_FILE: file };
    assert.match(problemsOf(pair).join(), /expected a CA, a certificate and its key as PEM/);
  });
});
