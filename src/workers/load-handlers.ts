import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EVENT_TYPE_PATTERN } from '../shared/contract.ts';
import { AsdlcError } from '../shared/errors.ts';
import type { Handlers } from './handler.ts';

/**
 * The `handlers` that the module at `path` (from the current folder) exports. Throws ASDLC_HANDLERS_INVALID
 * when it cannot be loaded or exports something else.
 */
export async function loadHandlers(path: string): Promise<Handlers> {
  const location = resolve(path);
  const module = await import(pathToFileURL(location).href).catch((error: unknown) => {
    throw invalid(`${location} cannot be loaded: ${error instanceof Error ? error.message : error}`, error);
  });
  const { handlers } = module as { handlers?: unknown };
  if (typeof handlers !== 'object' || handlers === null) {
    throw invalid(`${location}: expected an export "handlers", an object; given ${typeof handlers}`);
  }
  for (const [name, handler] of Object.entries(handlers)) {
    if (!new RegExp(EVENT_TYPE_PATTERN).test(name)) {
      throw invalid(
        `${location}: expected event types that match ${EVENT_TYPE_PATTERN}; given ${JSON.stringify(name)}`,
      );
    }
    if (typeof handler !== 'function') {
      throw invalid(`${location}: expected a function as handler of ${name}; given ${typeof handler}`);
    }
  }
  return handlers as Handlers; // each entry was checked above
}

function invalid(message: string, cause?: unknown): AsdlcError {
  return new AsdlcError('ASDLC_HANDLERS_INVALID', 500, `WORKER_HANDLERS: ${message}`, { cause });
}
