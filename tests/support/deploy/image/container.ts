import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { hasEnded, type RunningProcess, startProcess } from '../../processes.ts';
import type { Scope } from '../../scope.ts';
import { until } from '../../until.ts';
import { buildah, imageConfig } from './buildah.ts';

const run = promisify(execFile);

/** The files of a container and what runs in it. Containers share them: no one can write to them. */
export interface Root {
  readonly path: string;
  /** As `1000:1000`. */
  readonly user: string;
  readonly workdir: string;
  readonly entrypoint: readonly string[];
  readonly env: readonly string[];
}

export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly writable?: boolean;
}

export interface ContainerOptions {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly mounts?: readonly Mount[];
  /** The name of a network namespace; this machine's network without. */
  readonly network?: string;
}

export interface Container extends Omit<RunningProcess, 'stop'> {
  /** Runs a program in the container, as its user. Rejects when the exit code is not 0. */
  exec(...command: readonly string[]): Promise<string>;
  /** The processes of the container: name, and state as `Z` for a zombie. */
  processes(): Promise<{ name: string; state: string }[]>;
  /** As an engine stops it: the signal goes to process 1. Returns the exit code. */
  stop(): Promise<number | null>;
}

/** Unpacks an image. */
export async function openImage(scope: Scope, image: string): Promise<Root> {
  const { User, WorkingDir, Entrypoint, Env } = await imageConfig(image);
  const working = await buildah('from', '--pull-never', image);
  scope.after(() => buildah('rm', working));
  const path = await buildah('mount', working);
  return { path, user: User, workdir: WorkingDir, entrypoint: Entrypoint, env: Env };
}

/**
 * What an engine does before it starts process 1. The root file system is read-only, /tmp and /run are in memory, there
 * is a process namespace, and the user has no capability. Process 1 does not outlive the test: its parent's death kills it.
 */
const SET_UP = `set -eu
root=$1 workdir=$2 uid=\${3%:*} gid=\${3#*:} mounts=$4
shift 4
mount --make-rprivate /
mount --rbind "$root" "$root"
for path in dev tmp run proc; do mkdir -p "$root/$path"; done
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
mount -t proc proc "$root/proc"
printf %s "$mounts" | while IFS='|' read -r source target mode; do
  if [ -d "$source" ]; then mkdir -p "$root$target"
  elif [ ! -e "$root$target" ]; then mkdir -p "$(dirname "$root$target")"; : >"$root$target"; fi
  mount --bind "$source" "$root$target"
  [ "$mode" = rw ] || mount -o remount,bind,ro "$root$target"
done
mount -o remount,bind,ro "$root"
cd "$root"
exec chroot "$root" /usr/bin/setpriv --reuid "$uid" --regid "$gid" --clear-groups --no-new-privs \\
  --pdeathsig KILL --inh-caps=-all --bounding-set=-all /usr/bin/env -i --chdir="$workdir" "$@"`;

/** A process may end while the shell reads the list. */
const STATS = 'cat /proc/[0-9]*/stat 2>/dev/null || :';

/** Starts a container. The entrypoint of its root gets `command`. Needs root. */
export async function startContainer(
  scope: Scope,
  root: Root,
  { command, env = {}, mounts = [], network }: ContainerOptions,
): Promise<Container> {
  const variables = [...root.env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  const lines = mounts.map(
    ({ source, target, writable }) => `${source}|${target}|${writable ? 'rw' : 'ro'}\n`,
  );
  const [program = '', ...args] = [
    ...(network === undefined ? [] : ['nsenter', `--net=/run/netns/${network}`]),
    ...['unshare', '--mount', '--pid', '--ipc', '--uts', '--fork'],
    ...['sh', '-c', SET_UP, 'sh', root.path, root.workdir, root.user, lines.join('')],
    ...variables,
    ...root.entrypoint,
    ...command,
  ];
  const started = startProcess(scope, program, args);
  const ended = new Promise<number | null>((resolve) => started.child.once('exit', resolve));
  const isOver = () => hasEnded(started);
  const init = await until<number | 'over'>('process 1 of the container is there', async () =>
    isOver() ? 'over' : childOf(started.child.pid ?? 0),
  );
  const signal = (name: NodeJS.Signals) => {
    if (init !== 'over' && !isOver()) process.kill(init, name);
    return ended;
  };
  scope.after(() => signal('SIGKILL'));
  const exec = (...inner: readonly string[]) => {
    if (init === 'over') throw new Error(`expected a container that runs; got: ${started.output()}`);
    return enter(init, root, variables, inner);
  };
  return {
    ...started,
    exec,
    processes: async () => parseStats(await exec('sh', '-c', STATS)),
    stop: () => signal('SIGTERM'),
  };
}

async function childOf(pid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children === '' ? undefined : Number(children.split(' ')[0]);
}

async function enter(
  init: number,
  { user, workdir }: Root,
  variables: readonly string[],
  command: readonly string[],
): Promise<string> {
  const [uid = '', gid = ''] = user.split(':');
  const namespaces = ['--target', String(init), '--mount', '--pid', '--net', '--root'];
  const environment = ['/usr/bin/env', '-i', `--chdir=${workdir}`, ...variables];
  const asUser = ['--setuid', uid, '--setgid', gid];
  return (await run('nsenter', [...namespaces, ...asUser, ...environment, ...command])).stdout.trimEnd();
}

/** From lines as `7 (node) S …`. */
function parseStats(text: string): { name: string; state: string }[] {
  return [...text.matchAll(/^\d+ \((.*)\) (\w) /gm)].map(([, name = '', state = '']) => ({ name, state }));
}
