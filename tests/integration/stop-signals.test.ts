import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { freePort, startProcess, startRedis } from '../support/processes.ts';

/** Sends a signal to its own process as soon as there is a handler, long before the service is ready. */
const SIGNALLED = `process.on('newListener', (name) => {
  if (name === 'SIGTERM') setImmediate(() => process.kill(process.pid, 'SIGTERM'));
})`;

describe('a signal during the start', () => {
  for (const service of ['orchestrator', 'workers']) {
    it(`ends the ${service} with code 0`, async (t) => {
      const redis = await startRedis(t);
      const preload = `data:text/javascript,${encodeURIComponent(SIGNALLED)}`;
      const { child, output, stop } = startProcess(
        t,
        process.execPath,
        ['--import', preload, `src/${service}/main.ts`],
        { env: { REDIS_URL: redis.url, SERVICE_PORT: `${await freePort()}` } },
      );
      assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0, output());
      assert.match(output(), /"reason":"SIGTERM","msg":"stopping"/);
      await stop('SIGKILL');
    });
  }
});
