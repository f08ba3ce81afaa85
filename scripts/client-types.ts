import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import openapiTypes from 'openapi-typescript';
import { freePort } from '../src/local-stack/servers/free-port.ts';

/*
 * Writes src/client/openapi.ts, the types of the API that the client uses, from the OpenAPI document of the orchestrator:
 * `npx node scripts/client-types.ts`. A test fails when the file is stale.
 */

const root = join(import.meta.dirname, '..');
const USED_PATHS = /^\/api\/(tasks|errors|events|queue|workers|event-types|schedules)\b/;
const HEADER = `/* eslint-disable */
// \`npx node scripts/client-types.ts\` writes this file from the OpenAPI document; do not edit it.
`;

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, object>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** Returns the text of src/client/openapi.ts: the routes of tasks and of the queue, and the schemas that they name. */
export async function clientTypes(document: OpenApiDocument): Promise<string> {
  const paths = Object.fromEntries(Object.entries(document.paths).filter(([path]) => USED_PATHS.test(path)));
  const { schemas } = document.components;
  const components = { ...document.components, schemas: reachable(schemas, paths) };
  const reduced = { ...document, paths, components } as Parameters<typeof openapiTypes>[0]; // a test validates it
  const text = await openapiTypes(reduced, { commentHeader: HEADER, alphabetize: true });
  return `${text.trim()}\n`;
}

/** The schemas to which references lead from `from`, over others too. */
function reachable(schemas: OpenApiDocument['components']['schemas'], from: object): typeof schemas {
  const found = new Set<string>();
  const visit = (part: object) => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      const schema = schemas[name];
      if (schema === undefined || found.has(name)) continue;
      found.add(name);
      visit(schema);
    }
  };
  visit(from);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => found.has(name)));
}

/** Reads the document from an orchestrator that it starts for that. It needs no Redis to describe itself. */
async function readDocument(): Promise<OpenApiDocument> {
  const port = await freePort('127.0.0.1');
  const env = { ...process.env, SERVICE_PORT: String(port), REDIS_URL: 'redis://127.0.0.1:1' };
  const child = spawn(process.execPath, ['src/orchestrator/main.ts'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    for (;;) {
      if (child.exitCode !== null)
        throw new Error(`expected a running orchestrator; got exit code ${child.exitCode}`);
      const response = await fetch(`http://127.0.0.1:${port}/openapi.json`).catch(() => undefined);
      if (response?.ok) return (await response.json()) as OpenApiDocument; // the orchestrator's own
      await sleep(50);
    }
  } finally {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  }
}

if (import.meta.main)
  writeFileSync(join(root, 'src/client/openapi.ts'), await clientTypes(await readDocument()));
