import type { Redis } from 'ioredis';
import { SUSPECT_CHARACTERS } from '../../src/shared/http-contract/suspect-characters.ts';
import { addDeadTasks } from './dead-tasks.ts';

/** It turns the direction of writing, hides behind marks, and has what a terminal obeys. */
export const HOSTILE = `ok\u202Egnp\u2066 a${'\u0336'.repeat(6)}b \u009B31m`;

const SUSPECT = new RegExp(SUSPECT_CHARACTERS, 'gu');

/** Returns what a text has of characters that nothing may show as they are. */
export function suspectsIn(text: string): string[] {
  return (text.match(SUSPECT) ?? []).map((character) => `U+${character.codePointAt(0)?.toString(16)}`);
}

/** Adds a dead task all of whose texts are hostile, as something else may have written it. Returns its id. */
export async function addHostileTask(
  url: string,
  admin: Redis,
  headers: Record<string, string> = {},
): Promise<string> {
  const task = { event_type: 'echo', error: `${HOSTILE} error`, payload: { [HOSTILE]: HOSTILE } };
  const [first = ''] = await addDeadTasks(url, admin, [task], headers);
  const id = `x${HOSTILE}`;
  const keyOf = (name: string) => `{asdlc}:tasks:${name}`;
  await admin.rename(keyOf(first), keyOf(id));
  await admin.zrem(keyOf('failed'), first);
  await admin.zadd(keyOf('failed'), Date.now(), id);
  const attempt = {
    number: 1,
    startedMs: 1,
    endedMs: 2,
    worker: HOSTILE,
    outcome: 'failed',
    progress: HOSTILE,
  };
  const error = { name: HOSTILE, message: HOSTILE, stack: HOSTILE };
  await admin.hset(keyOf(id), {
    name: HOSTILE,
    pb: HOSTILE,
    progress: JSON.stringify(HOSTILE),
    'asdlc:attempts': JSON.stringify({ ...attempt, error }),
    'asdlc:changes': JSON.stringify({ action: HOSTILE, by: HOSTILE, atMs: 3 }),
  });
  await admin.rpush(keyOf(`${id}:logs`), HOSTILE);
  return id;
}
