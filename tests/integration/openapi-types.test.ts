import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import openapiTypes from 'openapi-typescript';
import {
  REPOSITORY,
  startOrchestrator,
  startProcess,
  startRedis,
  temporaryFolder,
} from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

/** What a client of the API may write, and what the compiler must refuse. */
const PROGRAM = `
import type { components, operations, paths } from './api.d.ts';

type Schemas = components['schemas'];
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type Json<Operation extends keyof operations, Status extends number> =
  operations[Operation] extends { responses: { [S in Status]: { content: { 'application/json': infer Body } } } } ? Body : never;
/** Fails to compile for unknown, any and never. */
type Known<T> = [T] extends [never] ? never : unknown extends T ? never : true;

export const named: true[] = [
  true satisfies Same<Json<'submitTask', 202>, Schemas['TaskSummary']>,
  true satisfies Same<Json<'submitBatch', 202>, Schemas['BatchSummary']>,
  true satisfies Same<Json<'listTasks', 200>, Schemas['TaskList']>,
  true satisfies Same<Json<'getTask', 200>, Schemas['Task']>,
  true satisfies Same<Json<'getTask', 404>, Schemas['Error']>,
  true satisfies Same<Json<'getQueue', 200>, Schemas['Queue']>,
  true satisfies Same<Json<'getAccess', 200>, Schemas['Access']>,
  true satisfies Same<Json<'getReadiness', 503>, Schemas['Health']>,
  true satisfies Same<Json<'getPanels', 200>, Schemas['PanelList']>,
  true satisfies Same<Json<'getPanel', 200>['data'], Schemas['PanelData']>,
  true satisfies Same<Json<'getServices', 200>['data'][number], Schemas['Service']>,
  true satisfies Same<Json<'queryRange', 200>['data'], Schemas['Matrix']>,
  true satisfies Same<Json<'queryRange', 400>, Schemas['QueryError']>,
  true satisfies Known<Json<'query', 200>['data']>,
  true satisfies Known<Json<'promGetLabels', 200>['data'][number]>,
  true satisfies Same<paths['/api/tasks']['post'], operations['submitTask']>,
];

export const request: Schemas['TaskRequest'] = { event_type: 'repository.report', payload: { path: '.' }, priority: 1 };
// @ts-expect-error a task needs an event type
export const incomplete: Schemas['TaskRequest'] = { priority: 1 };
// @ts-expect-error there is no such status
export const status: Schemas['TaskStatus'] = 'lost';
export const scope: Schemas['Scope'] = 'tasks:read';

export function describe(task: Schemas['Task']): string {
  return [task.status, task.error?.message ?? 'no error', task.finished_at?.slice(0, 10) ?? 'running'].join(' ');
}

export function lastValues({ times, series }: Schemas['PanelData']): [legend: string, time: number, value: number | null][] {
  return series.map(({ legend, values }) => [legend, times.at(-1) ?? 0, values.at(-1) ?? null]);
}

export function total({ data }: Schemas['QueryResult']): number {
  if (data.resultType !== 'vector') return Number.NaN;
  return data.result.reduce((sum, { value }) => sum + Number(value[1]), 0);
}
`;

const OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: 'es2024',
  module: 'nodenext',
  types: [],
};

/** Schemas that may hold any JSON. */
const UNKNOWN = ['[key', 'payload', 'payload_schema', 'progress', 'result'];

describe('the types that openapi-typescript makes of the OpenAPI document', () => {
  const scope = suiteScope();
  let folder: string;
  let types: string;

  before(async () => {
    folder = await temporaryFolder(scope);
    const redis = await startRedis(scope);
    const { url } = await startOrchestrator(scope, { REDIS_URL: redis.url });
    const document = await (await fetch(`${url}/openapi.json`)).json();
    types = await openapiTypes(document as Parameters<typeof openapiTypes>[0]); // the validator's test checks it
    await writeFile(join(folder, 'api.d.ts'), types);
    await writeFile(join(folder, 'program.ts'), PROGRAM);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS }));
  });

  it('are ones that a program compiles against, in strict mode', async () => {
    const tsc = join(REPOSITORY, 'node_modules/.bin/tsc');
    const { child, output } = startProcess(scope, process.execPath, [tsc, '-p', folder]);
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0, output());
  });

  it('are unknown only where any JSON may be', () => {
    const lines = types.split('\n').filter((line) => /\b(unknown|any)\b/.test(line.replace(/\/?\*.*/, '')));
    assert.deepEqual(
      [...new Set(lines.map((line) => line.trim().replace(/\??:.*/, '')))].toSorted(),
      UNKNOWN,
    );
  });

  it('name what bodies hold: no response spells out an object', () => {
    const bodies = [...types.matchAll(/"application\/json": (.*)/g)].map((match) => match[1] ?? '');
    assert.ok(bodies.length > 100, `${bodies.length}`);
    const named = /^components\["schemas"\]\["\w+"\]( \| components\["schemas"\]\["\w+"\])?;$/;
    for (const body of bodies) assert.match(body, named);
  });
});
