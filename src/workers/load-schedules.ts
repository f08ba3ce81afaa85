import type { ErrorObject } from 'ajv';
import { Type } from 'typebox';
import { compileSchema } from '../shared/compile-schema.ts';
import { AsdlcError } from '../shared/errors.ts';
import {
  MAX_DECLARED_LENGTH,
  MAX_DECLARED_SCHEDULES,
  SCHEDULE_ID_PATTERN,
} from '../shared/http-contract/schedule-limits.ts';
import { ScheduleRequest } from '../shared/http-contract/schedules.ts';
import { checkPayload } from '../shared/queue/payload-limits.ts';
import { dueTimes } from '../shared/schedules/due-times.ts';
import { timingOf } from '../shared/schedules/timing.ts';
import { describeSchemaError } from '../shared/service/schema-errors.ts';
import { read } from '../shared/thrown.ts';
import { CHECK_PAYLOAD, type HandlerSchedule, type Handlers } from './handler.ts';

const { cron, every_ms, time_zone, event_type, payload, priority, max_attempts } = ScheduleRequest.properties;
const isSchedule = compileSchema<HandlerSchedule>(
  Type.Object(
    {
      cron,
      everyMs: every_ms,
      timeZone: time_zone,
      eventType: event_type,
      payload,
      priority,
      maxAttempts: max_attempts,
    },
    { additionalProperties: false, description: 'an object with eventType and either cron or everyMs' },
  ),
);
const isId = new RegExp(SCHEDULE_ID_PATTERN);

/** By id, as the body of `PUT /api/schedules/{id}`. */
export type DeclaredSchedules = Readonly<Record<string, ScheduleRequest>>;

/**
 * Checks the export `schedules` of a module, payloads by what their handlers say. Rejects with a RangeError or an
 * AsdlcError "…: expected …; got …".
 */
export async function readSchedules(given: unknown, handlers: Handlers): Promise<DeclaredSchedules> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new RangeError(
      `expected the export "schedules" to be an object; got ${Array.isArray(given) ? 'an array' : typeof given}`,
    );
  const entries = Object.entries(given);
  if (entries.length > MAX_DECLARED_SCHEDULES)
    throw new RangeError(`schedules: expected at most ${MAX_DECLARED_SCHEDULES}; got ${entries.length}`);
  const schedules = Object.fromEntries(entries.map(([id, each]) => [id, readSchedule(id, each, handlers)]));
  const { length } = JSON.stringify(schedules);
  if (length > MAX_DECLARED_LENGTH)
    throw new RangeError(
      `schedules: expected at most ${MAX_DECLARED_LENGTH} characters of JSON in all; got ${length}`,
    );
  for (const [id, schedule] of Object.entries(schedules)) await checkFit(id, schedule, handlers);
  return schedules;
}

/** A task of this schedule would be dead at once. */
async function checkFit(id: string, { event_type, payload }: ScheduleRequest, handlers: Handlers) {
  const check = read(handlers[event_type], CHECK_PAYLOAD);
  if (typeof check !== 'function') return;
  try {
    await check(payload ?? null);
  } catch (error) {
    throw new RangeError(`schedules.${id}.payload: ${error instanceof Error ? error.message : error}`);
  }
}

function readSchedule(id: string, given: unknown, handlers: Handlers): ScheduleRequest {
  const place = `schedules.${id}`;
  if (!isId.test(id))
    throw new RangeError(
      `schedules: expected ids that match ${SCHEDULE_ID_PATTERN}; got ${JSON.stringify(id)}`,
    );
  if (!isSchedule(given))
    throw new RangeError(describeSchemaError(isSchedule.errors?.[0] as ErrorObject, place)); // there is one
  const { cron, everyMs: every_ms, timeZone: time_zone, eventType: event_type, priority } = given;
  if (!Object.hasOwn(handlers, event_type))
    throw new RangeError(
      `${place}.eventType: expected one with a handler here; got ${JSON.stringify(event_type)}`,
    );
  const timing = { cron, every_ms, time_zone, event_type };
  try {
    if (dueTimes(timingOf(timing))(Date.now()) === undefined)
      throw new RangeError(`cron: expected a time that comes; got ${JSON.stringify(cron)}`);
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${place}: ${inModule(error.message)}`) : error;
  }
  const json = jsonOf(`${place}.payload`, given.payload);
  return JSON.parse(
    JSON.stringify({ ...timing, payload: json, priority, max_attempts: given.maxAttempts }),
  ) as ScheduleRequest; // without what is undefined
}

/** The API writes names with underscores. */
function inModule(message: string): string {
  return message.replaceAll('every_ms', 'everyMs').replaceAll('time_zone', 'timeZone');
}

/** A payload is what JSON makes of it: it must not change on its way. */
function jsonOf(place: string, payload: unknown): unknown {
  if (payload === undefined) return undefined;
  try {
    checkPayload(payload, place);
    const text = JSON.stringify(payload);
    if (text !== undefined) return JSON.parse(text);
  } catch (error) {
    if (error instanceof AsdlcError) throw error;
  }
  throw new RangeError(`${place}: expected JSON; got ${typeof payload}`);
}
