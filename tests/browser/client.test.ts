import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { build } from 'esbuild';
import { openPage, startBrowser } from '../support/browser.ts';
import { REPOSITORY, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

/** The client for a page, as the global `asdlc`. A node: import fails the build. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(REPOSITORY, 'src/client/index.ts')],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'asdlc',
    minify: true,
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

describe('the client in a browser', () => {
  const scope = suiteScope();

  it('submits a task from a page of the orchestrator, and gets its result', async () => {
    const { url: REDIS_URL } = await startRedis(scope);
    const { url } = await startOrchestrator(scope, { REDIS_URL });
    await startWorkers(scope, { REDIS_URL });
    const script = await bundle();
    assert.ok(script.length < 10_000, `${script.length} bytes`);
    const { page, faults } = await openPage(scope, await startBrowser(scope), `${url}/health/live`);
    await page.evaluate(`${script}; globalThis.asdlc = asdlc;`);
    const result = await page.evaluate(`(async () => {
      const client = asdlc.createClient({ url: location.origin });
      const { result } = await client.wait(await client.submit('echo', 'from a page'));
      const code = await client.get('missing').catch((error) => error.code);
      return { result, code };
    })()`);
    assert.deepEqual(result, {
      result: { payload: 'from a page', attempt: 1, eventType: 'echo' },
      code: 'ASDLC_NOT_FOUND',
    });
    assert.deepEqual(faults, []);
  });
});
