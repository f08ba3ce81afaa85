import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Type } from 'typebox';
import { compileSchema } from '../shared/compile-schema.ts';
import { AsdlcError } from '../shared/errors.ts';
import { EVENT_TYPE_PATTERN } from '../shared/http-contract/limits.ts';
import type { HandlerModule, HandlerSettings, Handlers } from './handler.ts';
import { type DeclaredSchedules, readSchedules } from './load-schedules.ts';

/** One week. Beyond 25 days Node's timers overflow, and every attempt would time out at once. */
const MAX_SECONDS = 604_800;
const duration = Type.Number({ exclusiveMinimum: 0, maximum: MAX_SECONDS });
const isSettings = compileSchema(
  Type.Object(
    {
      timeoutSeconds: Type.Optional(duration),
      concurrency: Type.Optional(Type.Integer({ minimum: 1 })),
      rate: Type.Optional(
        Type.Object(
          { max: Type.Integer({ minimum: 1 }), seconds: duration },
          { additionalProperties: false },
        ),
      ),
      thread: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
);

/**
 * Loads the `handlers`, `settings` and `schedules` of the module at `path`, relative to the current folder. Throws
 * ASDLC_HANDLERS_INVALID when the module cannot be loaded or exports something else.
 */
export async function loadHandlers(path: string): Promise<HandlerModule> {
  const location = resolve(path);
  const url = pathToFileURL(location).href;
  const module = (await import(url).catch((error: unknown) => {
    throw invalid(`${location} cannot be loaded: ${error instanceof Error ? error.message : error}`, error);
  })) as { handlers?: unknown; settings?: unknown; schedules?: unknown }; // checked below
  const handlers = checkHandlers(location, module.handlers);
  const settings = checkSettings(location, module.settings ?? {}, handlers);
  const schedules = await checkSchedules(location, module.schedules ?? {}, handlers);
  return { handlers, settings, schedules, url };
}

function checkHandlers(location: string, handlers: unknown): Handlers {
  if (typeof handlers !== 'object' || handlers === null || Array.isArray(handlers)) {
    const given = Array.isArray(handlers) ? 'an array' : typeof handlers;
    throw invalid(`${location}: expected an export "handlers", an object; got ${given}`);
  }
  if (Object.keys(handlers).length === 0) {
    throw invalid(`${location}: expected at least one handler; got none`);
  }
  for (const [name, handler] of Object.entries(handlers)) {
    if (!new RegExp(EVENT_TYPE_PATTERN).test(name)) {
      throw invalid(
        `${location}: expected event types that match ${EVENT_TYPE_PATTERN}; got ${JSON.stringify(name)}`,
      );
    }
    if (typeof handler !== 'function') {
      throw invalid(
        `${location}: expected the handler of ${name} to be a function; got ${typeof handler}${
          typeof handler === 'object' ? ': give {payload, handle} to defineHandlers' : ''
        }`,
      );
    }
  }
  return handlers as Handlers; // each entry was checked above
}

function checkSettings(location: string, settings: unknown, handlers: Handlers): HandlerModule['settings'] {
  if (typeof settings !== 'object' || settings === null) {
    throw invalid(`${location}: expected the export "settings" to be an object; got ${typeof settings}`);
  }
  for (const [name, given] of Object.entries(settings)) {
    if (!Object.hasOwn(handlers, name)) {
      throw invalid(
        `${location}: expected settings only for event types with a handler; got ${JSON.stringify(name)}`,
      );
    }
    if (!isSettings(given)) {
      throw invalid(
        `${location}: expected the settings of ${name} to be {timeoutSeconds?, concurrency?, rate?: {max, seconds}, thread?} ` +
          `with at most ${MAX_SECONDS} seconds; got ${JSON.stringify(given)}`,
      );
    }
  }
  return settings as Record<string, HandlerSettings>; // each entry was checked above
}

async function checkSchedules(
  location: string,
  given: unknown,
  handlers: Handlers,
): Promise<DeclaredSchedules> {
  try {
    return await readSchedules(given, handlers);
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof AsdlcError)) throw error;
    throw invalid(`${location}: ${error.message}`);
  }
}

function invalid(message: string, cause?: unknown): AsdlcError {
  return new AsdlcError('ASDLC_HANDLERS_INVALID', 500, `WORKER_HANDLERS: ${message}`, { cause });
}
