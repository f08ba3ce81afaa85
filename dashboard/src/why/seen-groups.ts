import type { ErrorGroup, ErrorGroups } from '../../../src/shared/http-contract/errors.ts';

/** A group of errors as this tab saw it. `count` and `since` stay when tasks leave it, as by a retry. */
export interface SeenGroup extends ErrorGroup {
  /** How many of its tasks are dead still. */
  readonly dead: number;
}

/** The newest are kept. */
const MOST_GROUPS = 200;

/**
 * Returns what was seen of groups after an answer of /api/errors. A group that an answer lacks has no dead task any more,
 * if it is an answer `ofAll` event types and queues, and none is left out. Tasks that died after all that were seen are a
 * group of their own.
 */
export function withGroups(
  seen: readonly SeenGroup[],
  { groups, is_complete, left_out }: ErrorGroups,
  ofAll: boolean,
): readonly SeenGroup[] {
  const grown = groups.map((group): SeenGroup => {
    const before = seen.find((each) => isSame(each, group));
    if (before === undefined) return { ...group, dead: group.count };
    const since = timeOf(before.since) < timeOf(group.since) ? before.since : group.since;
    return { ...group, since, count: Math.max(before.count, group.count), dead: group.count };
  });
  const isWhole = ofAll && is_complete && left_out === 0;
  const others = seen
    .filter((each) => !groups.some((group) => isSame(each, group)))
    .map((each) => (isWhole ? { ...each, dead: 0 } : each));
  const newest = others.toSorted((a, b) => timeOf(b.last) - timeOf(a.last));
  return [...grown, ...newest].slice(0, MOST_GROUPS);
}

function isSame(before: ErrorGroup, group: ErrorGroup): boolean {
  const isSameError = before.event_type === group.event_type && before.error === group.error;
  return isSameError && !(timeOf(group.since) > timeOf(before.last));
}

/** NaN: not known. */
const timeOf = (iso: string | null) => Date.parse(iso ?? '');
