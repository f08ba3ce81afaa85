import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort, type RunningServer, startProcess, startRedis, temporaryFolder } from './processes.ts';
import type { Scope } from './scope.ts';
import { until } from './until.ts';

/** A connection for the test's own commands. */
export function adminOf(scope: Scope, url: string): Redis {
  const admin = new Redis(url);
  admin.on('error', () => undefined); // it reconnects by itself
  scope.after(() => admin.disconnect());
  return admin;
}

/** A replica that has all that its primary has. `urlOf` adds a password to its URL. */
export async function startReplica(
  scope: Scope,
  primaryPort: number,
  args: readonly string[] = [],
  urlOf: (url: string) => string = (url) => url,
): Promise<RunningServer> {
  const replica = await startRedis(scope, undefined, ['--replicaof', `127.0.0.1 ${primaryPort}`, ...args]);
  const admin = adminOf(scope, urlOf(replica.url));
  await until('the replica is in step', async () =>
    (await admin.info('replication')).includes('master_link_status:up'),
  );
  return replica;
}

export interface RedisCluster {
  /** For REDIS_URL. */
  readonly url: string;
  readonly nodes: readonly RunningServer[];
  /** The primary and the replica of the slot that has the queue's keys. */
  readonly primary: Redis;
  readonly replica: Redis;
  /** A primary that has not. */
  readonly other: RunningServer;
}

const SLOTS = 16_384;

/** Three primaries, and a replica of the one that has the keys with `tag`. */
export async function startCluster(scope: Scope, tag: string): Promise<RedisCluster> {
  const start = async () =>
    startRedis(scope, undefined, [
      ...['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())],
      ...['--cluster-node-timeout', '1000', '--cluster-replica-validity-factor', '0'],
    ]);
  const nodes = await Promise.all([start(), start(), start(), start()]);
  const admins = nodes.map(({ url }) => adminOf(scope, url));
  const [first, , , replica] = admins as [Redis, Redis, Redis, Redis];
  const primaries = admins.slice(0, 3);
  for (const [i, admin] of primaries.entries()) {
    await admin.cluster('SET-CONFIG-EPOCH', i + 1);
    const [from, to] = [i, i + 1].map((part) => Math.floor((part * SLOTS) / 3));
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String((to ?? 0) - 1));
  }
  for (const { child, port } of nodes.slice(1)) {
    const busPort = child.spawnargs[child.spawnargs.indexOf('--cluster-port') + 1] ?? '';
    await first.call('CLUSTER', 'MEET', '127.0.0.1', String(port), busPort);
  }
  await until('all nodes know each other', async () => {
    const infos = await Promise.all(admins.map((admin) => admin.cluster('INFO')));
    return infos.every((info) => /cluster_state:ok/.test(info) && /cluster_known_nodes:4/.test(info));
  });
  const owner = Math.floor(((await first.cluster('KEYSLOT', tag)) * 3) / SLOTS);
  const primary = admins[owner] as Redis; // one of the three
  await replica.cluster('REPLICATE', String(await primary.call('CLUSTER', 'MYID')));
  await until('the replica is in step', async () =>
    (await replica.info('replication')).includes('master_link_status:up'),
  );
  return {
    url: `redis://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    primary,
    replica,
    other: nodes[(owner + 1) % 3] as RunningServer, // one of the three
  };
}

/** A Sentinel that watches the primary under the name `queue`. */
export async function startSentinel(
  scope: Scope,
  primaryPort: number,
  passwords: { redis?: string; sentinel?: string } = {},
): Promise<RunningServer> {
  const port = await freePort();
  const folder = await temporaryFolder(scope);
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor queue 127.0.0.1 ${primaryPort} 1`,
    'sentinel down-after-milliseconds queue 500',
    'sentinel failover-timeout queue 3000',
    ...(passwords.redis ? [`sentinel auth-pass queue ${passwords.redis}`] : []),
    ...(passwords.sentinel ? [`requirepass ${passwords.sentinel}`] : []),
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const running = startProcess(scope, 'redis-server', [file, '--sentinel']);
  await until('the sentinel watches', () => running.output().includes('+monitor master queue'));
  return { ...running, url: `redis://127.0.0.1:${port}`, port };
}

export interface Certificates {
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
}

/** A CA of its own with a certificate for 127.0.0.1 and one for a client. */
export async function makeCertificates(scope: Scope): Promise<Certificates> {
  const folder = await temporaryFolder(scope);
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-subj',
    '/CN=test CA',
    '-keyout',
    path('ca.key'),
    '-out',
    path('ca.pem'),
  );
  const issue = (name: string) => {
    const [cert, key] = [path(`${name}.pem`), path(`${name}.key`)];
    const by = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-addext', 'subjectAltName=IP:127.0.0.1'];
    openssl('req', '-x509', ...by, ...newKey, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert);
    return { cert, key };
  };
  return { ca: path('ca.pem'), server: issue('server'), client: issue('client') };
}
