import type { TaskStatus } from '../../../src/shared/http-contract/tasks.ts';
import { request } from '../../support/http.ts';
import type { Note, Work } from './handlers.ts';
import { counts, type FlowSystem } from './system.ts';

/** A task as it is at last. */
export interface EndedTask {
  readonly id: string;
  readonly status: TaskStatus;
  readonly error: string;
  /** Undefined unless it is completed. */
  readonly result: string | undefined;
  readonly work: Work;
}

/** What the system and the handlers say when nothing waits or runs any more. */
export interface End {
  readonly tasks: ReadonlyMap<string, EndedTask>;
  readonly notes: readonly Note[];
  /** As `/api/queue` says. */
  readonly counts: Readonly<Record<string, number>>;
  /** Keys of Redis that say for whom a task waits that is not there. */
  readonly leftovers: readonly string[];
}

const JOB = '{asdlc}:tasks:';

export async function readEnd({ url, admin, notes }: FlowSystem): Promise<End> {
  const tasks = new Map<string, EndedTask>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { status, body } = await request(`${url}/api/tasks?limit=200${cursor && `&cursor=${cursor}`}`);
    if (status !== 200) throw new Error(`expected a listing; got ${status} ${JSON.stringify(body)}`);
    for (const { id, status, error } of body.tasks) {
      const [data, result] = await admin.hmget(JOB + id, 'data', 'returnvalue');
      const { payload }: { payload: Work } = JSON.parse(data ?? '');
      const returned = status === 'completed' ? JSON.parse(result ?? '') : undefined;
      tasks.set(id, { id, status, error: error?.message ?? '', result: returned, work: payload });
    }
    cursor = body.next_cursor;
  }
  const ofFlows = await admin.keys(`${JOB}*:*`);
  const leftovers = ofFlows.filter((key) => {
    const [, id = ''] =
      /^([^:]+):(?:dependencies|processed|failed|unsuccessful)$/.exec(key.slice(JOB.length)) ?? [];
    return id !== '' && !tasks.has(id);
  });
  return { tasks, notes: notes(), counts: await counts(url), leftovers };
}
