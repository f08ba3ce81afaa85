import type { BulkFilter, TaskStatus } from '../../client/index.ts';
import { type Input, type Option, text } from '../command.ts';
import { optionInvalid } from '../exit-codes.ts';
import { STATUSES } from '../terminal/task-text.ts';

/** What tasks are found by. Of several options tasks match all. */
export const FILTER_OPTIONS = {
  status: { type: 'string', value: 'STATUS', description: `only with this status: ${STATUSES.join(', ')}` },
  queue: { type: 'string', value: 'QUEUE', description: 'only of this queue' },
  type: { type: 'string', value: 'TYPE', description: 'only of this event type' },
  id: { type: 'string', value: 'ID', description: 'only with this id, or with one that begins so' },
  parent: {
    type: 'string',
    value: 'ID',
    description: 'only children of this task, or the one before it in a chain',
  },
  error: { type: 'string', value: 'TEXT', description: 'only those whose last error contains this text' },
  after: {
    type: 'string',
    value: 'TIME',
    description: 'only those submitted at 2026-11-23T09:00:00Z, for example, or later',
  },
  before: { type: 'string', value: 'TIME', description: 'only those submitted earlier' },
} as const satisfies Readonly<Record<string, Option>>;

/** Reads these options by the names of the API. Throws ASDLC_OPTION_INVALID for a status that no task can have. */
export function filterOf(values: Input['values']): BulkFilter {
  const filter = {
    status: statusOf(values, STATUSES),
    queue: text(values, 'queue'),
    event_type: text(values, 'type'),
    id: text(values, 'id'),
    parent: text(values, 'parent'),
    error_contains: text(values, 'error'),
    created_after: text(values, 'after'),
    created_before: text(values, 'before'),
  };
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as BulkFilter; // the orchestrator refuses other values
}

/** Reads the option `status`. Throws ASDLC_OPTION_INVALID for one that is not among these. */
export function statusOf<S extends TaskStatus>(
  values: Input['values'],
  statuses: readonly S[],
): S | undefined {
  const given = text(values, 'status');
  const status = statuses.find((each) => each === given);
  if (given !== undefined && status === undefined)
    throw optionInvalid(`--status: expected one of ${statuses.join(', ')}; got ${JSON.stringify(given)}`);
  return status;
}
