import { execFile } from 'node:child_process';
import { chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../processes.ts';
import type { Scope } from '../scope.ts';
import { until } from '../until.ts';
import { COMPOSE_FOLDER, type ComposeService, readComposeFile } from './compose-file.ts';
import { type Container, type Mount, type Root, startContainer } from './image/container.ts';
import { createTestNetwork, type TestHost } from './test-network.ts';

const run = promisify(execFile);

/** What an image starts, where Debian has it, and as whom. The command of the service follows. */
const DEBIAN_PROGRAMS: Readonly<Record<string, Pick<Root, 'entrypoint' | 'user'>>> = {
  redis: { entrypoint: [], user: '0:0' },
  'victoriametrics/victoria-metrics': { entrypoint: ['/usr/bin/victoria-metrics'], user: '0:0' },
  'victoriametrics/vmagent': { entrypoint: ['/usr/bin/vmagent'], user: '0:0' },
  'victoriametrics/vmalert': { entrypoint: ['/usr/bin/vmalert'], user: '0:0' },
  'prom/alertmanager': { entrypoint: ['/usr/bin/prometheus-alertmanager'], user: '65534:65534' },
};

/** What a service of the file became. */
export interface ComposeHost extends TestHost {
  readonly container: Container;
  /** Runs the health check of the file. Rejects when it fails. */
  check(): Promise<string>;
}

export interface ComposeRun {
  /** The containers of each service. */
  readonly hosts: ReadonlyMap<string, readonly ComposeHost[]>;
  /** The folder of the secrets. */
  readonly secrets: string;
}

/**
 * Starts deploy/compose.yml without an engine: each service with its command, environment, secrets and volumes, in a
 * network where it has its name and its ports. asdlc runs from the unpacked image, the others from Debian's packages.
 * Services that Debian does not have are left out.
 */
export async function runCompose(scope: Scope, image: Root): Promise<ComposeRun> {
  const folder = await temporaryFolder(scope);
  const secrets = join(folder, 'secrets');
  await run('sh', [join(COMPOSE_FOLDER, 'compose/make-secrets.sh'), secrets]);
  const debian = await debianRoot(folder);
  const addHost = await createTestNetwork(scope);
  const places = new Map<string, { service: ComposeService; root: Root; hosts: TestHost[] }>();
  for (const [name, service] of Object.entries(readComposeFile().services)) {
    const root = rootOf(service, image, debian);
    if (root === undefined) continue;
    const hosts = [];
    for (let i = 0; i < (service.deploy?.replicas ?? 1); i++) hosts.push(await addHost());
    places.set(name, { service, root, hosts });
  }
  const lines = [...places].flatMap(([name, { hosts }]) =>
    hosts.map(({ address }) => `${address} ${name}\n`),
  );
  await writeFile(join(folder, 'hosts'), `127.0.0.1 localhost\n${lines.join('')}`);

  const started = new Map<string, Promise<ComposeHost[]>>();
  const start = (name: string): Promise<ComposeHost[]> => {
    const place = places.get(name);
    if (place === undefined) throw new Error(`expected a service that Debian has; got ${name}`);
    const { service, root, hosts } = place;
    const starting = (async () => {
      for (const needed of Object.keys(service.depends_on ?? {})) await healthy(await once(needed));
      const mounts = await mountsOf(service, root, folder);
      const options = { command: service.command ?? [], env: service.environment ?? {}, mounts };
      return Promise.all(
        hosts.map(async (host) => {
          const container = await startContainer(scope, root, { ...options, network: host.namespace });
          return { ...host, container, check: () => container.exec(...checkOf(service)) };
        }),
      );
    })();
    started.set(name, starting);
    return starting;
  };
  const once = (name: string) => started.get(name) ?? start(name);
  const all = [...places.keys()].map(async (name) => [name, await once(name)] as const);
  return { hosts: new Map(await Promise.all(all)), secrets };
}

/** Waits until all containers of a service pass their check. */
export async function healthy(hosts: readonly ComposeHost[]): Promise<void> {
  for (const { container, check } of hosts) {
    await until('the health check passes', async () => {
      if (container.child.exitCode !== null) throw new Error(container.output());
      return check().then(() => true);
    });
  }
}

function checkOf({ healthcheck: { test } }: ComposeService): readonly string[] {
  return test[0] === 'CMD-SHELL' ? ['sh', '-c', ...test.slice(1)] : test.slice(1);
}

/** The program of the image of a service; undefined when Debian does not have it. */
function rootOf(service: ComposeService, image: Root, debian: Root): Root | undefined {
  const [name = ''] = service.image.split(':');
  if (name === 'asdlc') return image;
  const program = DEBIAN_PROGRAMS[name];
  return program && { ...debian, ...program, user: service.user ?? program.user };
}

const DEBIAN_FOLDERS = ['bin', 'lib', 'lib64', 'sbin'];

/** An empty root with this machine's programs, read-only. */
async function debianRoot(folder: string): Promise<Root> {
  const path = join(folder, 'debian');
  await mkdir(path);
  for (const name of DEBIAN_FOLDERS) await symlink(`usr/${name}`, join(path, name));
  return { path, user: '0:0', workdir: '/', entrypoint: [], env: ['PATH=/usr/bin'] };
}

async function mountsOf(service: ComposeService, root: Root, folder: string): Promise<Mount[]> {
  const isDebian = root.path.startsWith(folder);
  const { secrets } = readComposeFile();
  const named = (service.secrets ?? []).map((name) => ({
    source: join(folder, 'secrets', basename(secrets[name]?.file ?? name)),
    target: `/run/secrets/${name}`,
  }));
  const volumes = (service.volumes ?? []).map(async (volume): Promise<Mount> => {
    const [source = '', target = ''] = volume.split(':');
    if (source.startsWith('./')) return { source: join(COMPOSE_FOLDER, source), target };
    const path = join(folder, source);
    const [uid = 0, gid = 0] = root.user.split(':').map(Number);
    await mkdir(path);
    await chown(path, uid, gid); // as an engine does for a new volume
    return { source: path, target, writable: true };
  });
  return [
    ...(isDebian ? [{ source: '/usr', target: '/usr' }] : []),
    { source: join(folder, 'hosts'), target: '/etc/hosts' },
    ...named,
    ...(await Promise.all(volumes)),
  ];
}
