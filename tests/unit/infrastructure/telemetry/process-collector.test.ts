import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { MetricsRegistry } from '../../../../src/infrastructure/metrics/registry.ts';
import {
  ProcessMetricsCollector,
  readMemory,
} from '../../../../src/infrastructure/telemetry/process-collector.ts';
import { findSample } from '../../../support/http.ts';
import { temporaryFolder } from '../../../support/processes.ts';

describe('ProcessMetricsCollector', () => {
  it('shows resident and virtual memory and CPU time', async () => {
    const registry = new MetricsRegistry();
    registry.addCollector(new ProcessMetricsCollector(registry, 's'));
    const text = await registry.metrics();
    const rss = Number(findSample(text, 'asdlc_process_memory_bytes', { type: 'rss' }));
    assert.ok(Math.abs(rss / process.memoryUsage.rss() - 1) < 0.5);
    assert.ok(Number(findSample(text, 'asdlc_process_memory_bytes', { type: 'vms' })) > rss);
    const { user, system } = process.cpuUsage();
    const cpu = Number(findSample(text, 'asdlc_process_cpu_seconds_total', { service: 's' }));
    assert.ok(cpu > 0 && cpu <= (user + system) / 1e6);
  });

  it('reads kB of proc(5) as bytes, and leaves out virtual memory where there is no proc(5)', async (t) => {
    const file = join(await temporaryFolder(t), 'status');
    await writeFile(file, 'Name:\tnode\nVmSize:\t 2048 kB\nVmRSS:\t   1024 kB\n');
    assert.deepEqual(await readMemory(file), { rss: 1024 * 1024, vms: 2048 * 1024 });
    const elsewhere = await readMemory('/nowhere/status');
    assert.ok(elsewhere.rss > 0);
    assert.ok(!('vms' in elsewhere));
  });
});
