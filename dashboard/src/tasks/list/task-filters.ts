import type { BulkFilter } from '../../../../src/shared/http-contract/bulk.ts';
import { QUEUE_PATTERN } from '../../../../src/shared/http-contract/limits.ts';
import { eventTypeError } from '../event-type.ts';
import { isStatus } from '../task/task-status.ts';

/** What the list shows, by the names that the page's URL has. */
export interface TaskFilters {
  readonly status?: string;
  readonly type?: string;
  /** The name of one queue. */
  readonly queue?: string;
  /** An id, or what it begins with. */
  readonly id?: string;
  /** The id of the task that waits, or waited, for them. */
  readonly parent?: string;
  /** What the last error contains. */
  readonly error?: string;
  /** The error of a group. */
  readonly group?: string;
  /** Tasks that were submitted so many seconds ago at most. */
  readonly age?: string;
  /** When they ended, and were submitted: two Unix seconds, `1795500000-1795500060`. */
  readonly ended?: string;
  readonly submitted?: string;
  /** `slowest`: those that ran longest first. */
  readonly sort?: string;
}

const NAMES = [
  'status',
  'type',
  'queue',
  'id',
  'parent',
  'error',
  'group',
  'age',
  'ended',
  'submitted',
  'sort',
] as const;

export const NO_FILTERS: Readonly<Record<string, null>> = Object.fromEntries(
  NAMES.map((name) => [name, null]),
);

/** The ages that the page offers, in seconds. */
export const AGES: readonly (readonly [seconds: string, text: string])[] = [
  ['900', 'last 15 min'],
  ['3600', 'last hour'],
  ['86400', 'last 24 h'],
  ['604800', 'last 7 days'],
];

/** Leaves out what the API would refuse, but for an event type: the page says what is wrong with that. */
export function readFilters(search: URLSearchParams): TaskFilters {
  const given = NAMES.map((name): [string, string] => [name, search.get(name) ?? '']);
  return Object.fromEntries(
    given.filter(([name, value]) => {
      if (name === 'status') return isStatus(value);
      if (name === 'ended' || name === 'submitted') return timesOf(value) !== undefined;
      if (name === 'sort') return value === 'slowest';
      if (name === 'queue') return isQueueName(value);
      return name === 'age' ? /^[1-9]\d{0,8}$/.test(value) : value !== '';
    }),
  );
}

/** The two Unix seconds of `ended` or `submitted`; undefined if the text is none. */
export function timesOf(text: string | undefined): readonly [from: number, to: number] | undefined {
  const [, from, to] = /^(\d{1,11})-(\d{1,11})$/.exec(text ?? '') ?? [];
  return from === undefined || Number(from) >= Number(to) ? undefined : [Number(from), Number(to)];
}

const isQueueName = (text: string) => new RegExp(QUEUE_PATTERN).test(text);

/** What is wrong with the filters; undefined if nothing is. */
export function filterError({ type }: TaskFilters): string | undefined {
  return type === undefined ? undefined : eventTypeError(type);
}

/** The filters by the names of the API. */
export function apiFilter(filters: TaskFilters, nowMs = Date.now()): BulkFilter {
  const { status, type, queue, id, parent, error, group, age } = filters;
  const [ended, submitted] = [timesOf(filters.ended), timesOf(filters.submitted)];
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  return {
    ...(status !== undefined && { status: status as NonNullable<BulkFilter['status']> }), // by readFilters
    ...(type !== undefined && { event_type: type }),
    ...(queue !== undefined && { queue }),
    ...(id !== undefined && { id }),
    ...(parent !== undefined && { parent }),
    ...(error !== undefined && { error_contains: error }),
    ...(group !== undefined && { error: group }),
    ...(age !== undefined && { created_after: iso(nowMs / 1000 - Number(age)) }),
    ...(submitted !== undefined && { created_after: iso(submitted[0]), created_before: iso(submitted[1]) }),
    ...(ended !== undefined && { finished_after: iso(ended[0]), finished_before: iso(ended[1]) }),
  };
}
