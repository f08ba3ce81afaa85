import { readFile } from 'node:fs/promises';
import type { Collector } from '../metrics/collection.ts';
import type { MetricsRegistry } from '../metrics/registry.ts';
import { PROCESS_CPU_SECONDS, PROCESS_MEMORY_BYTES } from './catalogue/process.ts';

/** Shows the memory and CPU time of this process. Only Linux tells the virtual memory. */
export class ProcessMetricsCollector implements Collector {
  readonly name = 'process';
  readonly #service: string;
  readonly #memory;
  readonly #cpu;

  constructor(registry: MetricsRegistry, service: string) {
    this.#service = service;
    this.#memory = registry.instrument(PROCESS_MEMORY_BYTES);
    this.#cpu = registry.instrument(PROCESS_CPU_SECONDS);
  }

  async collect(): Promise<void> {
    const service = this.#service;
    const { rss, vms } = await readMemory();
    this.#memory.set({ service, type: 'rss' }, rss);
    if (vms !== undefined) this.#memory.set({ service, type: 'vms' }, vms);
    const { user, system } = process.cpuUsage();
    this.#cpu.setTotal({ service }, (user + system) / 1e6);
  }
}

/** Bytes of resident and virtual memory. proc(5) has them in kB as VmRSS and VmSize. */
export async function readMemory(statusPath = '/proc/self/status'): Promise<{ rss: number; vms?: number }> {
  const status = await readFile(statusPath, 'utf8').catch(() => '');
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  const vms = /^VmSize:\s+(\d+) kB$/m.exec(status)?.[1];
  if (rss === undefined || vms === undefined) return { rss: process.memoryUsage.rss() };
  return { rss: Number(rss) * 1024, vms: Number(vms) * 1024 };
}
