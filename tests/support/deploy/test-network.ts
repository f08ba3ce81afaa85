import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Scope } from '../scope.ts';

const run = promisify(execFile);

/** A host of a test: a network namespace with an address that this machine and the other hosts reach. */
export interface TestHost {
  readonly namespace: string;
  readonly address: string;
}

/** Makes a network that leads nowhere else. Each call of the result adds a host. Needs root. */
export async function createTestNetwork(scope: Scope): Promise<() => Promise<TestHost>> {
  const id = process.pid;
  const subnet = `10.213.${id % 256}`;
  const bridge = `asdlc-${id}`; // at most 15 characters, as every interface
  await run('ip', ['link', 'add', 'name', bridge, 'type', 'bridge']);
  scope.after(() => run('ip', ['link', 'delete', bridge]));
  await run('ip', ['address', 'add', `${subnet}.1/24`, 'dev', bridge]);
  await run('ip', ['link', 'set', bridge, 'up']);
  let hosts = 0;
  return async () => {
    hosts += 1;
    const [namespace, port, address] = [`${bridge}-${hosts}`, `v${id}-${hosts}`, `${subnet}.${hosts + 1}`];
    const inside = (...args: string[]) => run('ip', ['-netns', namespace, ...args]);
    await run('ip', ['netns', 'add', namespace]);
    scope.after(() => run('ip', ['netns', 'delete', namespace]));
    await run('ip', ['link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace]);
    await run('ip', ['link', 'set', port, 'master', bridge, 'up']);
    await inside('link', 'set', 'lo', 'up');
    await inside('address', 'add', `${address}/24`, 'dev', 'eth0');
    await inside('link', 'set', 'eth0', 'up');
    return { namespace, address };
  };
}
