import { createHash } from 'node:crypto';
import type { ErrorObject } from 'ajv';
import { Type } from 'typebox';
import { compileSchema } from '../../shared/compile-schema.ts';
import { inputInvalid } from '../../shared/errors.ts';
import { type ScheduleRequest as Request, ScheduleRequest } from '../../shared/http-contract/schedules.ts';
import { parseJson } from '../../shared/queue/bullmq-fields.ts';
import { dueTimes, type NextDue } from '../../shared/schedules/due-times.ts';
import { type Definition, timingOf } from '../../shared/schedules/timing.ts';
import { describeSchemaError } from '../../shared/service/schema-errors.ts';
import type { JsonText } from '../tasks/json-text.ts';
import { joinData } from '../tasks/task-text.ts';

/** A request whose payload stays a text. */
export type ScheduleInput = Omit<Request, 'payload'> & { readonly payload?: JsonText };

export interface ReadDefinition {
  readonly definition: Definition;
  readonly nextDue: NextDue;
}

const { payload: _, ...properties } = ScheduleRequest.properties;
const isDefinition = compileSchema<Definition>(
  Type.Object(properties, { additionalProperties: false, description: 'a schedule as JSON' }),
);

const MAX_KEPT = 2_000;
/** By the text: the scheduler reads the same ones again and again. */
const kept = new Map<string, ReadDefinition>();

/** Reads a stored definition. Throws a RangeError that says what is damaged: anything may be in Redis. */
export function readDefinition(text: string | undefined): ReadDefinition {
  const known = kept.get(text ?? '');
  if (known !== undefined) return known;
  const definition: unknown = parseJson(text);
  if (!isDefinition(definition))
    throw new RangeError(describeSchemaError(isDefinition.errors?.[0] as ErrorObject, 'definition')); // there is one
  const read = { definition, nextDue: dueTimes(timingOf(definition)) };
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(text ?? '', read);
  return read;
}

/** What Redis keeps of a schedule. */
export interface SchedulePlan {
  readonly definition: string;
  readonly timing: string;
  readonly revision: string;
  readonly data: string;
  readonly nextMs: number;
}

/** Plans a schedule from `nowMs` on. Throws ASDLC_INPUT_INVALID for a time that cannot be read or never comes. */
export function planSchedule(
  id: string,
  { payload, ...request }: ScheduleInput,
  nowMs: number,
): SchedulePlan {
  const { cron, every_ms, time_zone, event_type, priority, max_attempts } = request;
  const ordered = { cron, every_ms, time_zone, event_type, priority, max_attempts }; // one text for one definition
  const definition = JSON.stringify(ordered);
  const timing = inputOf(() => timingOf(request));
  const nextMs = inputOf(() => readDefinition(definition).nextDue(nowMs));
  if (nextMs === undefined)
    throw inputInvalid(
      `body.cron: expected a time that comes; got ${JSON.stringify(cron)}, which comes on no day`,
    );
  const data = dataStart(id, payload);
  const revision = createHash('sha256').update(`${definition}\n${data}`).digest('hex').slice(0, 32);
  return { definition, timing: JSON.stringify(timing), revision, data, nextMs };
}

function inputOf<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const isPlaced = /^(cron|time_zone): /.test(error.message);
    throw inputInvalid(`body${isPlaced ? '.' : ': '}${error.message}`);
  }
}

/** The data of the schedule's tasks: the script adds the due time and a brace. */
function dataStart(id: string, payload: JsonText | undefined): string {
  return `${joinData({ payload, others: { schedule: id } }).slice(0, -1)},"schedule_due":`;
}

/** The data of a schedule as a task would have them. */
export function wholeData(start: string): string {
  return `${start}0}`;
}
