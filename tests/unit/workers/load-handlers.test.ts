import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { loadHandlers } from '../../../src/workers/load-handlers.ts';
import { REPOSITORY, temporaryFolder } from '../../support/processes.ts';

async function moduleOf(t: TestContext, source: string): Promise<string> {
  const file = join(await temporaryFolder(t), 'handlers.mjs');
  await writeFile(file, source);
  return file;
}

describe('loadHandlers', () => {
  it('returns the exported handlers and settings', async (t) => {
    const source =
      'export const handlers = { "a.b": () => 1 }; export const settings = { "a.b": { concurrency: 2 } };';
    const { handlers, settings } = await loadHandlers(await moduleOf(t, source));
    assert.deepEqual(Object.keys(handlers), ['a.b']);
    assert.deepEqual(settings, { 'a.b': { concurrency: 2 } });
  });

  it('returns the exported schedules as the API takes them', async (t) => {
    const source = `export const handlers = { a: () => 1 };
      export const schedules = { x: { cron: '0 6 * * *', timeZone: 'UTC', eventType: 'a', payload: [1], maxAttempts: 2 } };`;
    assert.deepEqual((await loadHandlers(await moduleOf(t, source))).schedules, {
      x: { cron: '0 6 * * *', time_zone: 'UTC', event_type: 'a', payload: [1], max_attempts: 2 },
    });
  });

  /** A handler of `a` whose payload needs a number `n`, and one of `b` that takes an odd number. */
  const withSchemas = (schedules: string) => `
    import { defineHandlers } from '${pathToFileURL(join(REPOSITORY, 'src/handlers/index.ts'))}';
    const payload = { type: 'object', required: ['n'], properties: { n: { type: 'number' } } };
    const validate = async (n) => n % 2 === 1 ? { value: n } : { issues: [{ message: 'not odd', path: ['n'] }] };
    export const handlers = defineHandlers({
      a: { payload, handle: () => 1 },
      b: { payload: { '~standard': { version: 1, vendor: 'own', validate } }, handle: () => 1 },
    });
    export const schedules = ${schedules};`;

  it("takes schedules whose payloads fit the handlers' schemas", async (t) => {
    const source = withSchemas(`{ x: { everyMs: 5000, eventType: 'a', payload: { n: 1 } },
      y: { everyMs: 5000, eventType: 'b', payload: 3 } }`);
    const { schedules } = await loadHandlers(await moduleOf(t, source));
    assert.deepEqual([schedules.x?.payload, schedules.y?.payload], [{ n: 1 }, 3]);
  });

  for (const [schedule, problem] of [
    [`{ eventType: 'a', payload: { n: 'secret' } }`, 'a: /n: must be number'],
    [`{ eventType: 'a' }`, 'a: must be object'],
    [`{ eventType: 'b', payload: 2 }`, 'b: /n: not odd'],
  ] as const) {
    it(`refuses the schedule ${schedule}, whose payload no attempt would take`, async (t) => {
      const file = await moduleOf(
        t,
        withSchemas(`{ ok: { everyMs: 5000, eventType: 'b', payload: 1 },
        x: { everyMs: 5000, ...${schedule} } }`),
      );
      await assert.rejects(loadHandlers(file), {
        code: 'ASDLC_HANDLERS_INVALID',
        message: `WORKER_HANDLERS: ${file}: schedules.x.payload: The payload does not fit the schema of ${problem}`,
      });
    });
  }

  const wrong: [string, RegExp][] = [
    ['export const other = 1;', /expected an export "handlers", an object; got undefined/],
    ['export const handlers = { A: () => 1 };', /expected event types that match .*; got "A"/],
    ['export const handlers = { a: 1 };', /expected the handler of a to be a function; got number/],
    [
      'export const handlers = { a: { payload: {}, handle: () => 1 } };',
      /the handler of a to be a function; got object: give \{payload, handle\} to defineHandlers/,
    ],
    [
      'export const handlers = { b: () => 1 }; export const settings = { a: {} };',
      /settings only for event types with a handler; got "a"/,
    ],
    [
      'export const handlers = { a: () => 1 }; export const settings = { a: { concurency: 1 } };',
      /the settings of a to be \{timeoutSeconds.*got \{"concurency":1\}/,
    ],
    [
      'export const handlers = { a: () => 1 }; export const settings = { a: { timeoutSeconds: 604801 } };',
      /the settings of a .*at most 604800 seconds; got \{"timeoutSeconds":604801\}/,
    ],
    [
      `export const handlers = { a: () => 1 }; export const schedules = [];`,
      /expected the export "schedules" to be an object; got an array/,
    ],
    [
      `export const handlers = { a: () => 1 }; export const schedules = { x: { everyMs: 1, eventType: 'a' } };`,
      /schedules.x.everyMs: expected milliseconds from 1000 to .*; got 1/,
    ],
    [
      `export const handlers = { a: () => 1 }; export const schedules = { x: { everyMs: 5000, eventType: 'b' } };`,
      /schedules.x.eventType: expected one with a handler here; got "b"/,
    ],
    [
      `export const handlers = { a: () => 1 }; export const schedules = { x: { eventType: 'a' } };`,
      /schedules.x: expected either cron or everyMs; got none/,
    ],
    [
      `export const handlers = { a: () => 1 }; export const schedules = { x: { cron: '0 6 * *', eventType: 'a' } };`,
      /schedules.x: cron: expected 5 fields .*; got 4/,
    ],
    [
      `export const handlers = { a: () => 1 }; export const schedules = { x: { cron: '0 6 30 2 *', eventType: 'a' } };`,
      /schedules.x: cron: expected a time that comes; got "0 6 30 2 \*"/,
    ],
    [
      `export const handlers = { a: () => 1 }; export const schedules = { x: { cron: '@daily', timeZone: 'Nowhere', eventType: 'a' } };`,
      /schedules.x: timeZone: expected the name of a time zone/,
    ],
    [
      `export const handlers = { a: () => 1 }; export const schedules = { x: { everyMs: 5000, eventType: 'a', payload: () => 1 } };`,
      /schedules.x.payload: expected JSON; got function/,
    ],
    [
      `export const handlers = { a: () => 1 }; export const schedules = { x: { everyMs: 5000, eventType: 'a', payload: 'x'.repeat(70000) } };`,
      /schedules: expected at most 65536 characters of JSON in all; got 70/,
    ],
    [
      `export const handlers = { a: () => 1 }; export const schedules = { X: {} };`,
      /schedules: expected ids that match .*; got "X"/,
    ],
    [
      `export const handlers = { a: () => 1 }; export const schedules = { x: { every_ms: 5000, eventType: 'a' } };`,
      /schedules.x: unexpected field "every_ms"; expected only cron, everyMs/,
    ],
    ['throw new Error("broken");', /cannot be loaded: broken/],
  ];
  for (const [source, message] of wrong) {
    it(`refuses ${source}`, async (t) => {
      const file = await moduleOf(t, source);
      await assert.rejects(loadHandlers(file), { code: 'ASDLC_HANDLERS_INVALID', message });
    });
  }

  it('names a module that does not exist', async () => {
    await assert.rejects(loadHandlers('/nowhere/handlers.ts'), {
      message: /WORKER_HANDLERS: \/nowhere\/handlers\.ts/,
    });
  });
});
