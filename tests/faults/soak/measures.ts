import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { sample } from '../../support/http.ts';
import type { LocalStackFolder } from '../../support/local-stack-process.ts';

const MIB = 2 ** 20;

/** What is measured, and how much it may rise by its slope while it is measured. */
export interface Measure {
  readonly name: string;
  readonly unit: 'MiB' | '';
  readonly mayRise: number;
  readonly read: () => Promise<number> | number;
}

function rssOf(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}

const handlesOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) / MIB;
}

const heapOf = async (url: string) =>
  ((await sample(url, 'nodejs_heap_size_used_bytes')) ?? Number.NaN) / MIB;

/** A rise of the log files: each process may have 20 MiB of them. */
const LOG_MIB = 20;

export function measuresOf(
  folder: LocalStackFolder,
  urls: Readonly<Record<'orchestrator' | 'workers', string>>,
  redis: Redis,
): Measure[] {
  const pids = { redis: folder.pid('redis-server') };
  const services = (['orchestrator', 'workers'] as const).flatMap((name): Measure[] => {
    const pid = folder.pid(name);
    return [
      { name: `${name}: memory (RSS)`, unit: 'MiB', mayRise: 40, read: () => rssOf(pid) },
      { name: `${name}: heap`, unit: 'MiB', mayRise: 20, read: () => heapOf(urls[name]) },
      { name: `${name}: handles`, unit: '', mayRise: 10, read: () => handlesOf(pid) },
    ];
  });
  return [
    ...services,
    { name: 'Redis: memory (RSS)', unit: 'MiB', mayRise: 10, read: () => rssOf(pids.redis) },
    {
      name: 'Redis: memory of the data',
      unit: 'MiB',
      mayRise: 3,
      read: async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]) / MIB,
    },
    { name: 'Redis: handles', unit: '', mayRise: 10, read: () => handlesOf(pids.redis) },
    { name: 'Redis: keys', unit: '', mayRise: 100, read: () => redis.dbsize() },
    { name: 'log files', unit: 'MiB', mayRise: 4 * LOG_MIB, read: () => sizeOf(join(folder.path, 'logs')) },
  ];
}
