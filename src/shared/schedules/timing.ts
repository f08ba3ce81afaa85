import type { ScheduleRequest } from '../http-contract/schedules.ts';
import type { Timing } from './due-times.ts';

/** All of a schedule but its payload. */
export type Definition = Omit<ScheduleRequest, 'payload'>;

type TimingFields = { readonly [K in 'cron' | 'every_ms' | 'time_zone']?: ScheduleRequest[K] | undefined };

/** Throws a RangeError unless there is either a cron or an interval. */
export function timingOf({ cron, every_ms, time_zone }: TimingFields): Timing {
  const given = [cron, every_ms].filter((each) => each !== undefined).length;
  if (given !== 1)
    throw new RangeError(`expected either cron or every_ms; got ${given === 0 ? 'none' : 'both'}`);
  if (cron !== undefined) return { cron, time_zone: time_zone ?? 'UTC' };
  if (time_zone !== undefined)
    throw new RangeError(
      'time_zone: expected it with cron only; got it with every_ms, which knows no time zone',
    );
  return { every_ms: every_ms ?? 0 }; // it is there
}
