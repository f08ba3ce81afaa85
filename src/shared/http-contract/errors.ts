import { type Static, Type } from 'typebox';
import { TimeOrNull } from './time.ts';

/** The errors of tasks, grouped, as `/api/errors` returns them. */

export const ErrorGroup = Type.Object(
  {
    event_type: Type.String(),
    error: Type.String({
      description:
        'the first line of the error, its ids as <id> and its numbers as <n>; `error` of a filter finds the tasks',
    }),
    count: Type.Integer({ description: 'tasks of the group, among those that were looked at' }),
    since: { ...TimeOrNull, description: 'when the first of them failed' },
    last: { ...TimeOrNull, description: 'when the last of them failed' },
    example: Type.String({ description: 'the id of the last one' }),
  },
  { title: 'ErrorGroup' },
);
export type ErrorGroup = Static<typeof ErrorGroup>;

export const ErrorGroups = Type.Object(
  {
    groups: Type.Array(ErrorGroup, { description: 'the largest first, 100 at most' }),
    left_out: Type.Integer({ description: 'smaller groups that are not listed' }),
    looked_at: Type.Integer({ description: 'how many tasks, the newest first' }),
    total: Type.Integer({ description: 'how many tasks have the status' }),
    is_complete: Type.Boolean({ description: 'whether all of them that match were looked at' }),
  },
  { title: 'ErrorGroups' },
);
export type ErrorGroups = Static<typeof ErrorGroups>;
