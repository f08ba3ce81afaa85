import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scope } from './scope.ts';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly received: Received[];
  /** The status of the next answers, by path; null: none comes. */
  readonly answers: Map<string, number | null>;
}

/** A receiver of webhooks: it keeps what comes. It answers 204 unless told otherwise. */
export async function startWebhookReceiver(scope: Scope): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const answers = new Map<string, number | null>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? '';
    received.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() });
    const status = answers.get(path);
    if (status === null) return;
    response.writeHead(status ?? 204, { location: '/elsewhere' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, answers };
}
