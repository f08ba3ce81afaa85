import { readFile } from 'node:fs/promises';
import { notFound } from '../shared/errors.ts';
import type { HttpServer } from '../shared/service/http-server.ts';

export interface RunbookOptions {
  /** The page with a section for each alert. */
  readonly path: string;
}

/** Serves the runbook of an alert as text: where alerts link to. It needs no token: it holds no data. */
export async function runbookRoutes(app: HttpServer, { path }: RunbookOptions): Promise<void> {
  const page = await readFile(path, 'utf8');
  const sections = new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split('\n', 1)[0] ?? '', `# ${section}`]),
  );
  app.get('/runbooks/:name', { schema: { hide: true } }, async (request, reply) => {
    const { name } = request.params as { name: string }; // the pattern of the route has it
    const runbook = sections.get(name);
    if (runbook === undefined)
      throw notFound(
        `expected the name of an alert: ${[...sections.keys()].join(', ')}; got ${JSON.stringify(name)}`,
      );
    return reply
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'no-cache')
      .type('text/plain; charset=utf-8')
      .send(runbook);
  });
}
