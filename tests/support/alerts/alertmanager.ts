import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { freePort, type RunningServer, startProcess, temporaryFolder } from '../processes.ts';
import type { Scope } from '../scope.ts';
import { until } from '../until.ts';

/** An alert as Alertmanager sends it to a webhook. */
export interface Notification {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Webhook {
  readonly url: string;
  /** All that came, oldest first. */
  readonly received: readonly Notification[];
}

export async function startWebhook(scope: Scope): Promise<Webhook> {
  const received: Notification[] = [];
  const server = createServer(async (request, response) => {
    const { alerts } = (await json(request)) as { alerts: Notification[] }; // the webhook's documented body
    received.push(...alerts);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number }; // a TCP server has one
  return { url: `http://127.0.0.1:${port}`, received };
}

/** Starts Alertmanager. It sends each alert by itself and at once. */
export async function startAlertmanager(scope: Scope, webhook: Webhook): Promise<RunningServer> {
  const [port, folder] = [await freePort(), await temporaryFolder(scope)];
  const config = `route:
  receiver: test
  group_by: ["..."]
  group_wait: 0s
  group_interval: 1s
receivers:
  - name: test
    webhook_configs: [{ url: "${webhook.url}", send_resolved: true }]
`;
  await writeFile(join(folder, 'alertmanager.yml'), config);
  const running = startProcess(scope, 'prometheus-alertmanager', [
    `--config.file=${folder}/alertmanager.yml`,
    `--storage.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]);
  const url = `http://127.0.0.1:${port}`;
  await until('alertmanager is ready', async () => (await fetch(`${url}/-/ready`)).ok);
  return { ...running, url, port };
}

/** Starts vmalert with the rules. It reads from VictoriaMetrics, and writes what it records there. */
export async function startVmalert(
  scope: Scope,
  rulesPath: string,
  { tsdb, alertmanager }: { readonly tsdb: string; readonly alertmanager: string },
): Promise<RunningServer> {
  const port = await freePort();
  const running = startProcess(scope, 'vmalert', [
    `-rule=${rulesPath}`,
    `-datasource.url=${tsdb}`,
    `-remoteWrite.url=${tsdb}`,
    '-remoteWrite.flushInterval=1s',
    `-notifier.url=${alertmanager}`,
    '-external.label=evaluator=vmalert',
    `-httpListenAddr=127.0.0.1:${port}`,
  ]);
  const url = `http://127.0.0.1:${port}`;
  await until('vmalert is healthy', async () => (await fetch(`${url}/health`)).ok);
  return { ...running, url, port };
}
