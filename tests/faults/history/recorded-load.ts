import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskRequest } from '../../../src/shared/http-contract/tasks.ts';
import { post } from '../../support/http.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Every submission of one task, and what was answered. */
export interface Submission {
  readonly request: TaskRequest;
  /** Undefined when it was sent without one, and so only once. */
  readonly key: string | undefined;
  /** The id in each 202. */
  readonly ids: string[];
  /** How often no 202 came: the task may be queued all the same. */
  doubts: number;
}

export interface RecordedLoad {
  readonly submissions: readonly Submission[];
  /** When each 202 came. */
  readonly acceptedAtMs: readonly number[];
  /** How often each status came; `reset` stands for no answer. */
  readonly statuses: ReadonlyMap<string, number>;
  /** Answers that no client may get. */
  readonly problems: readonly string[];
  /** Sends no new task. Resolves once every task with a key is accepted. */
  stop(): Promise<void>;
}

const RETRY_MS = 200;

/** Tasks that are due long after the end of the test. */
const FAR_MS = 3_600_000;

function randomRequest(random: SeededRandom): TaskRequest {
  const kind = random.next();
  const short = random.between(0, 20);
  if (kind < 0.12) return { event_type: 'wait', payload: random.between(200, 1_500) };
  if (kind < 0.22) return { event_type: 'fail.once', payload: short };
  if (kind < 0.28) return { event_type: 'fail', payload: short, max_attempts: random.between(1, 2) };
  if (kind < 0.36) return { event_type: 'wait', payload: short, delay_ms: random.between(300, 3_000) };
  if (kind < 0.4) return { event_type: 'wait', payload: short, delay_ms: FAR_MS };
  if (kind < 0.44) return { event_type: 'wait', payload: short, priority: random.between(1, 10) };
  return { event_type: 'wait', payload: short };
}

export const isFarOff = ({ delay_ms }: TaskRequest) => delay_ms === FAR_MS;

/**
 * Submits random tasks, `perSecond` of them, and records each answer. Most have a key and are sent until they are
 * accepted; some of these twice at once, some in batches.
 */
export function startRecordedLoad(url: string, random: SeededRandom, perSecond: number): RecordedLoad {
  const submissions: Submission[] = [];
  const acceptedAtMs: number[] = [];
  const statuses = new Map<string, number>();
  const problems: string[] = [];
  const underWay = new Set<Promise<void>>();
  let isOver = false;

  const create = (key: string | undefined): Submission => {
    const submission = { request: randomRequest(random), key, ids: [], doubts: 0 };
    submissions.push(submission);
    return submission;
  };

  /** Returns whether the answer was 202. */
  const sendOnce = async (batch: readonly Submission[], key: string | undefined): Promise<boolean> => {
    const isBatch = batch.length > 1;
    const body = isBatch ? { tasks: batch.map(({ request }) => request) } : batch[0]?.request;
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    const answer = await post(`${url}/api/tasks${isBatch ? '/batch' : ''}`, body, headers).catch(
      () => undefined,
    );
    const status = String(answer?.status ?? 'reset');
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (answer?.status === 202) {
      const tasks: { id: string }[] = isBatch ? answer.body.tasks : [answer.body];
      for (const [i, submission] of batch.entries()) submission.ids.push(tasks[i]?.id ?? 'none');
      acceptedAtMs.push(Date.now());
      return true;
    }
    for (const submission of batch) submission.doubts++;
    if (answer !== undefined && answer.status !== 503)
      problems.push(`a submission was answered ${status} ${JSON.stringify(answer.body)}`);
    return false;
  };

  const send = async (batch: readonly Submission[], key: string | undefined) => {
    while (!(await sendOnce(batch, key)) && key !== undefined) await sleep(RETRY_MS);
  };

  const track = (sending: Promise<void>) => {
    underWay.add(sending);
    void sending.finally(() => underWay.delete(sending));
  };

  const submitNext = (count: number) => {
    const key = random.next() < 0.85 ? `history-${count}` : undefined;
    if (key !== undefined && count % 20 === 0) {
      const batch = Array.from({ length: 10 }, () => create(key));
      track(send(batch, key));
      return;
    }
    const submission = create(key);
    const copies = key !== undefined && random.next() < 0.1 ? 2 : 1;
    for (let i = 0; i < copies; i++) track(send([submission], key));
  };

  const run = (async () => {
    const startedAt = performance.now();
    for (let count = 0; !isOver; count++) {
      submitNext(count);
      await sleep(Math.max(0, startedAt + (count * 1_000) / perSecond - performance.now()));
    }
  })();

  return {
    submissions,
    acceptedAtMs,
    statuses,
    problems,
    stop: async () => {
      isOver = true;
      await run;
      await Promise.all(underWay);
    },
  };
}
