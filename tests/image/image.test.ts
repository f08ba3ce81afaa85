import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildImage, IMAGE, IMAGE_REVISION, IMAGE_VERSION } from '../support/deploy/image/asdlc-image.ts';
import { buildah, imageConfig } from '../support/deploy/image/buildah.ts';
import { type Container, openImage, type Root, startContainer } from '../support/deploy/image/container.ts';
import { request, runTask } from '../support/http.ts';
import { freePort, startRedis, temporaryFolder } from '../support/processes.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

/** The largest image that passes. Debian has 77 MB of it and Node 127 MB. */
const LARGEST_BYTES = 270_000_000;

/** The program of `program.run`: it leaves a process behind that is in no group of the handler, and ends soon. */
const LEAVES_ONE_BEHIND = JSON.stringify(['sh', '-c', 'setsid sleep 0.01 & echo 1']);

async function startInContainer(
  scope: Scope,
  root: Root,
  service: 'orchestrator' | 'workers',
  env: Readonly<Record<string, string>>,
): Promise<Container & { url: string }> {
  const port = await freePort();
  const container = await startContainer(scope, root, {
    command: [service],
    env: { SERVICE_PORT: `${port}`, ...env },
  });
  const url = `http://127.0.0.1:${port}`;
  await until(`the ${service} are ready`, async () => {
    if (container.child.exitCode !== null) throw new Error(container.output());
    return (await fetch(`${url}/health/ready`)).ok;
  });
  return { ...container, url };
}

describe('the image', () => {
  const scope = suiteScope();
  let root: Root;

  before(async () => {
    await buildImage(scope);
    root = await openImage(scope, IMAGE);
  });

  it('says what it is, and runs as a user without rights', async () => {
    const config = await imageConfig(IMAGE);
    const label = (name: string) => config.Labels[`org.opencontainers.image.${name}`];
    assert.deepEqual(['title', 'version', 'revision', 'licenses', 'base.name'].map(label), [
      'asdlc',
      IMAGE_VERSION,
      IMAGE_REVISION,
      'Apache-2.0',
      'docker.io/library/debian:bookworm-slim',
    ]);
    assert.equal(config.User, '1000:1000');
    assert.deepEqual(config.Healthcheck.Test, ['CMD', '/app/healthcheck.sh', 'live']);
    assert.equal(config.StopSignal, 'SIGTERM');
    assert.deepEqual(Object.keys(config.ExposedPorts), ['8080/tcp', '8081/tcp']);
  });

  it('is small, and holds nothing that only a build or a test needs', async (t) => {
    const archive = join(await temporaryFolder(t), 'image.tar');
    await buildah('push', '--quiet', IMAGE, `docker-archive:${archive}`);
    const { size } = await stat(archive);
    t.diagnostic(`${size} bytes unpacked, ${gzipSync(await readFile(archive)).length} with gzip`);
    assert.ok(size < LARGEST_BYTES, `expected at most ${LARGEST_BYTES} bytes; got ${size}`);
    const container = await startContainer(t, root, { command: ['workers'], env: { SERVICE_PORT: '0' } });
    const files = await container.exec('find', '/app', '-not', '-path', '/app/node_modules/*/*');
    for (const kept of [
      '/app/dist/workers/main.js',
      '/app/dashboard/dist/index.html',
      '/app/docs/runbooks.md',
    ])
      assert.ok(files.split('\n').includes(kept), kept);
    assert.doesNotMatch(
      files,
      /\/node_modules\/(typescript|vite|node|playwright-core)$|\/(tests|src|\.git)$/m,
    );
    assert.equal(await container.exec('find', '/app', '-writable', '-not', '-type', 'l'), '');
  });

  it('runs both services on a read-only root, and leaves no zombie of a program', async (t) => {
    const redis = await startRedis(t);
    const env = { REDIS_URL: redis.url, PROGRAM_COMMAND: LEAVES_ONE_BEHIND };
    const orchestrator = await startInContainer(t, root, 'orchestrator', env);
    const workers = await startInContainer(t, root, 'workers', env);
    for (let i = 0; i < 5; i++) {
      const task = await runTask(orchestrator.url, { event_type: 'program.run' });
      assert.deepEqual([task.status, task.result], ['completed', 1]);
    }
    const page = await fetch(orchestrator.url);
    assert.match(await page.text(), /<title>/);
    const { body: metrics } = await request(`${workers.url}/metrics`);
    assert.match(metrics, new RegExp(`^asdlc_build_info\\{.*revision="${IMAGE_REVISION}"`, 'm'));
    await until('the programs are reaped', async () => {
      const names = (await workers.processes()).map(({ name, state }) => `${name} ${state}`);
      return !names.some((name) => name.startsWith('sleep')) && names.some((name) => name.startsWith('tini'));
    });
    await assert.rejects(workers.exec('touch', '/app/x'), /Read-only file system/);
    for (const container of [orchestrator, workers]) {
      assert.equal(await container.stop(), 0, container.output());
      assert.match(container.output(), /"reason":"SIGTERM","msg":"stopping"/);
      assert.match(container.output(), /"msg":"stopped"/);
    }
  });

  it('is healthy by its own check while it lives, and ready while Redis is there', async (t) => {
    const redis = await startRedis(t);
    for (const service of ['orchestrator', 'workers'] as const) {
      const container = await startInContainer(t, root, service, { REDIS_URL: redis.url });
      await container.exec('/app/healthcheck.sh', 'live');
      await container.exec('/app/healthcheck.sh', 'ready');
    }
    const alone = await startContainer(t, root, {
      command: ['workers'],
      env: {
        SERVICE_PORT: `${await freePort()}`,
        REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
      },
    });
    await until('it lives', () => alone.exec('/app/healthcheck.sh', 'live').then(() => true));
    await assert.rejects(alone.exec('/app/healthcheck.sh', 'ready'), /expected 200; got 503/);
  });

  it('ends at a SIGTERM that comes before Node runs', async (t) => {
    const container = await startContainer(t, root, {
      command: ['orchestrator'],
      env: { SERVICE_PORT: '0' },
    });
    await until('tini runs', async () => (await container.processes()).some(({ name }) => name === 'tini'));
    assert.ok([0, 143].includes((await container.stop()) ?? -1), container.output());
  });

  it('refuses another command with the two that there are', async (t) => {
    for (const [command, got] of [
      [[], 'nothing'],
      [['worker'], 'worker'],
    ] as const) {
      const { child, output } = await startContainer(t, root, { command });
      await until('it has ended', () => child.exitCode !== null);
      assert.equal(child.exitCode, 64);
      assert.equal(output(), `expected the command orchestrator or workers; got ${got}\n`);
    }
  });
});
