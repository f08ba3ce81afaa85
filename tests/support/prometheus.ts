import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, type RunningServer, startProcess, temporaryFolder } from './processes.ts';
import type { Scope } from './scope.ts';
import { until } from './until.ts';

/** Prometheus that scrapes nothing, and holds the samples of an OpenMetrics text with timestamps in seconds. */
export async function startPrometheus(scope: Scope, openMetrics: string): Promise<RunningServer> {
  const folder = await temporaryFolder(scope);
  const [text, data, config] = ['samples.om', 'data', 'prometheus.yml'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(data);
  await writeFile(text, openMetrics);
  await writeFile(config, 'global: {}\n');
  await promisify(execFile)('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', text, data]);
  const port = await freePort();
  const running = startProcess(scope, 'prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${data}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const url = `http://127.0.0.1:${port}`;
  await until('prometheus is ready', async () => (await fetch(`${url}/-/ready`)).ok);
  return { ...running, url, port };
}
