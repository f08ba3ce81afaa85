import type { KeyOf } from './bullmq-schema.ts';

/** What a search looks for beside a status. Undefined: anything. */
export interface JobFilter {
  readonly eventType?: string | undefined;
  /** An id, or what it begins with. */
  readonly idPrefix?: string | undefined;
  /** The task that waits, or waited, for it: see bullmq-children.ts. Scripts that have MATCHES do not look at it. */
  readonly parentId?: string | undefined;
  /** What the last error contains. ASCII letters match in either case. */
  readonly errorContains?: string | undefined;
  /** From when on it was submitted, in Unix milliseconds. */
  readonly createdAfterMs?: number | undefined;
  readonly createdBeforeMs?: number | undefined;
  /** From when on it ended, in Unix milliseconds: only dead and completed tasks match. */
  readonly endedAfterMs?: number | undefined;
  readonly endedBeforeMs?: number | undefined;
}

/** How many arguments `filterArguments` returns. */
export const FILTER_ARGUMENTS = 8;

/** The first arguments of a script that has MATCHES: what all keys begin with, and the filter. */
export function filterArguments(keyOf: KeyOf, filter: JobFilter): (string | number)[] {
  return [
    keyOf(''),
    filter.eventType ?? '',
    filter.idPrefix ?? '',
    lowerCase(filter.errorContains ?? ''),
    filter.createdAfterMs ?? '',
    filter.createdBeforeMs ?? '',
    filter.endedAfterMs ?? '',
    filter.endedBeforeMs ?? '',
  ];
}

/** As Lua does: `toLowerCase` would also change letters that `string.lower` does not. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Lua, for scripts whose first arguments are those of `filterArguments`. It reads the job only where the filter needs it. */
export const MATCHES = `
local base, eventType, beginning, errorText = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local createdAfter, createdBefore = tonumber(ARGV[5]), tonumber(ARGV[6])
local endedAfter, endedBefore = tonumber(ARGV[7]), tonumber(ARGV[8])
local readsJob = eventType ~= '' or errorText ~= '' or createdAfter or createdBefore or endedAfter or endedBefore
local function isWithin(text, from, to)
  local time = tonumber(text or nil)
  return time and (not from or time >= from) and (not to or time < to)
end
local function matches(id)
  if string.sub(id, 1, #beginning) ~= beginning then return false end
  if not readsJob then return true end
  local job = redis.pcall('HMGET', base .. id, 'name', 'timestamp', 'failedReason', 'finishedOn')
  if job.err or eventType ~= '' and job[1] ~= eventType then return false end
  if (createdAfter or createdBefore) and not isWithin(job[2], createdAfter, createdBefore) then return false end
  if (endedAfter or endedBefore) and not isWithin(job[4], endedAfter, endedBefore) then return false end
  return errorText == '' or job[3] and string.find(string.lower(job[3]), errorText, 1, true) ~= nil or false
end
`;
