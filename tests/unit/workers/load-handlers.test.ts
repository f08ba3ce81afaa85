import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { loadHandlers } from '../../../src/workers/load-handlers.ts';
import { temporaryFolder } from '../../support/processes.ts';

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
