import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { findProgram } from '../../src/local-stack/processes/find-program.ts';
import { request, taskIn } from '../support/http.ts';
import { startKeyedLoad } from '../support/keyed-load.ts';
import { readPage } from '../support/pages.ts';
import {
  freePort,
  type RunningServer,
  startOrchestrator,
  startProcess,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import { type RedisCluster, startCluster } from '../support/redis-servers.ts';
import { createRunLog, type RunLog } from '../support/run-log.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { THIS_RELEASE } from '../upgrade/releases.ts';
import { startRotatingLoad } from '../upgrade/rotating-load.ts';

const ENOUGH = 150;

/** nginx with the configuration of docs/scaling.md, in front of orchestrators on these ports. */
async function startNginx(scope: Scope, ports: readonly number[]): Promise<string> {
  const [, documented = ''] = /```nginx\n([\s\S]*?)```/.exec(readPage('docs/scaling.md')) ?? [];
  const [folder, port] = [await temporaryFolder(scope), await freePort()];
  const own = documented
    .replaceAll(/orchestrator-(\d):8080/g, (_, number) => `127.0.0.1:${ports[Number(number) - 1]}`)
    .replace('listen 80;', `listen 127.0.0.1:${port};`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder};`)
    .join('\n');
  const main = `daemon off; pid ${folder}/nginx.pid; error_log stderr; worker_processes 2; events {}
http { access_log off; ${temporary} ${own} }`;
  const file = join(folder, 'nginx.conf');
  await writeFile(file, main);
  const program = findProgram(['nginx', '../sbin/nginx'], 'PATH'); // Debian's is not on the PATH of users
  const nginx = startProcess(scope, program, ['-p', folder, '-e', 'stderr', '-c', file]);
  scope.after(() => nginx.stop('SIGTERM')); // its workers end with it
  const url = `http://127.0.0.1:${port}`;
  await until(
    `nginx passes requests on; it said ${nginx.output()}`,
    async () => (await request(`${url}/health/ready`)).status === 200,
  );
  return url;
}

describe('two orchestrators behind nginx, four workers and a Redis Cluster', () => {
  const scope = suiteScope();
  let cluster: RedisCluster;
  let env: NodeJS.ProcessEnv;
  let runs: RunLog;
  let orchestrators: RunningServer[];
  let workers: RunningServer[];
  let url: string;

  before(async () => {
    cluster = await startCluster(scope, '{asdlc}');
    runs = await createRunLog(scope);
    env = {
      REDIS_URL: cluster.url,
      REDIS_MODE: 'cluster',
      TASK_RETRY_DELAY: '0.2',
      COMPLETED_KEEP_COUNT: '1000000',
      TRUSTED_PROXIES: '127.0.0.1',
      DRAIN_DELAY: '3',
      ...runs.env,
    };
    orchestrators = [await startOrchestrator(scope, env), await startOrchestrator(scope, env)];
    workers = await Promise.all([1, 2, 3, 4].map(() => startWorkers(scope, env)));
    url = await startNginx(
      scope,
      orchestrators.map(({ port }) => port),
    );
  });

  it('lose, refuse and repeat no task while each orchestrator is replaced under load', async (t) => {
    const load = startRotatingLoad();
    t.after(() => load.stop());
    load.add({ release: THIS_RELEASE, url });
    const more = async () => {
      const { size } = load.accepted;
      await until('more tasks are accepted', () => load.accepted.size > size + ENOUGH, 60_000);
    };
    await more();
    for (const [i, old] of orchestrators.entries()) {
      assert.equal(await old.stop('SIGTERM'), 0);
      await more(); // by the other one alone
      orchestrators[i] = await startOrchestrator(scope, { ...env, SERVICE_PORT: `${old.port}` });
      await more();
    }
    await load.stop();
    for (const id of load.accepted.keys()) await taskIn(url, id, ['completed'], 60_000);
    const starts = Map.groupBy(runs.read('start'), ({ id }) => id);
    const wrong = [...load.accepted].filter(([id, { attempts }]) => starts.get(id)?.length !== attempts);
    assert.deepEqual([load.refused.slice(0, 3), wrong], [[], []]);
    const by = Map.groupBy(runs.read('end'), ({ pid }) => pid);
    assert.deepEqual(new Set(by.keys()), new Set(workers.map(({ child }) => child.pid)));
    const shares = [...by.values()].map(({ length }) => length).join(', ');
    t.diagnostic(`${load.accepted.size} accepted and completed, 0 refused; by each worker: ${shares}`);
  });

  it('lose no task when the primary is killed under load', async (t) => {
    const load = startKeyedLoad(url, 'wait');
    const accepted = async () => {
      const count = load.accepted;
      await until('more tasks are accepted', () => load.accepted > count + ENOUGH, 60_000);
    };
    await accepted();
    const { port } = cluster.primary.options;
    await cluster.nodes.find((node) => node.port === port)?.stop('SIGKILL');
    await accepted();
    const ids = await load.stop();
    for (const id of ids.values()) await taskIn(url, id, ['completed'], 60_000);
    t.diagnostic(`${ids.size} accepted and completed`);
  });
});
