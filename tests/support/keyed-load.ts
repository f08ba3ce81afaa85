import { setTimeout as sleep } from 'node:timers/promises';
import { post } from './http.ts';

export interface KeyedLoad {
  /** How many tasks were accepted so far. */
  readonly accepted: number;
  /** Ends the load. Returns the id of each task by its Idempotency-Key. */
  stop(): Promise<ReadonlyMap<string, string>>;
}

/** Submits tasks one after another, each under a key of its own and again until it is accepted. */
export function startKeyedLoad(url: string, eventType?: string): KeyedLoad {
  const ids = new Map<string, string>();
  let isOver = false;
  const run = (async () => {
    while (!isOver) {
      const key = `load-${ids.size}`;
      ids.set(key, await submitKeyed(url, key, eventType));
    }
  })();
  return {
    get accepted() {
      return ids.size;
    },
    stop: async () => {
      isOver = true;
      await run;
      return ids;
    },
  };
}

/** Sends one submission until it is accepted. Only a 503 is worth another try. */
export async function submitKeyed(url: string, key: string, event_type = 'echo'): Promise<string> {
  for (;;) {
    const { status, body } = await post(
      `${url}/api/tasks`,
      { event_type, payload: key },
      { 'idempotency-key': key },
    );
    if (status === 202 || status === 200) return body.id;
    if (status !== 503) throw new Error(`expected 202, 200 or 503; got ${status} ${JSON.stringify(body)}`);
    await sleep(20);
  }
}
