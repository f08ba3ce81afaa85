import { inputInvalid } from '../../shared/errors.ts';
import type { JobFilter } from '../../shared/queue/bullmq-filter.ts';

/** The parts of a filter that Redis looks for, by the API's names. */
export interface FilterParameters {
  readonly id?: string | undefined;
  readonly parent?: string | undefined;
  readonly event_type?: string | undefined;
  readonly error_contains?: string | undefined;
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
  readonly finished_after?: string | undefined;
  readonly finished_before?: string | undefined;
}

/** Throws ASDLC_INPUT_INVALID for a time that is none. */
export function jobFilter(filter: FilterParameters, place: string): JobFilter {
  const { id, parent, event_type, error_contains, created_after, created_before } = filter;
  return {
    idPrefix: id,
    parentId: parent,
    eventType: event_type,
    errorContains: error_contains,
    createdAfterMs: milliseconds(created_after, `${place}created_after`),
    createdBeforeMs: milliseconds(created_before, `${place}created_before`),
    endedAfterMs: milliseconds(filter.finished_after, `${place}finished_after`),
    endedBeforeMs: milliseconds(filter.finished_before, `${place}finished_before`),
  };
}

function milliseconds(time: string | undefined, place: string): number | undefined {
  if (time === undefined) return undefined;
  const parsed = Date.parse(time);
  if (parsed >= 0) return parsed;
  throw inputInvalid(`${place}: expected a time since 1970 that there is; got ${JSON.stringify(time)}`);
}
