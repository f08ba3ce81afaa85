import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskRequest } from '../../../src/shared/http-contract/tasks.ts';
import { post } from '../../support/http.ts';
import type { Scope } from '../../support/scope.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface ExpectedEnd {
  /** `ended`: completed or dead, as its worker is seen or not. */
  readonly status: 'completed' | 'dead' | 'delayed' | 'ended';
  /** Undefined where any number will do. */
  readonly attempts?: number;
}

/** A 202, a 503, another status, or the code of an error instead of one. */
export interface AnswerNote {
  readonly status: string;
  readonly atMs: number;
  readonly tookMs: number;
  /** How many tasks were accepted. */
  readonly tasks: number;
}

/** Every submission of one task, and what was answered. */
export interface Submission {
  readonly request: TaskRequest;
  readonly expected: ExpectedEnd;
  /** Undefined when it was sent without one, and so only once. */
  readonly key: string | undefined;
  /** The id in each 202. */
  readonly ids: string[];
  /** How often no 202 came: the task may be queued all the same. */
  doubts: number;
}

export interface RecordedLoad {
  readonly submissions: readonly Submission[];
  readonly answers: readonly AnswerNote[];
  /** Answers that no client may get. */
  readonly problems: readonly string[];
  /** Submits one more task under a key of its own. Resolves with its id once it is accepted. */
  submit(request: TaskRequest, expected?: ExpectedEnd): Promise<string>;
  /** Sends no new task. Resolves once every task with a key is accepted. */
  stop(): Promise<void>;
}

/** The wait before the same submission is sent again doubles from the first to the last. */
const [FIRST_RETRY_MS, LAST_RETRY_MS] = [200, 3_000];

/** Tasks that are due long after the end of the test. */
export const FAR_MS = 3_600_000;

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

function expectedEnd({ event_type, delay_ms, max_attempts = 1 }: TaskRequest): ExpectedEnd {
  if (delay_ms === FAR_MS) return { status: 'delayed', attempts: 0 };
  if (event_type === 'fail') return { status: 'dead', attempts: max_attempts };
  return { status: 'completed', attempts: event_type === 'fail.once' ? 2 : 1 };
}

/** What `fetch` says of a connection that was refused or reset. */
function errorCodeOf(error: Error): string {
  const { code } = (error.cause ?? {}) as { code?: string }; // as undici makes it
  return code ?? error.message;
}

/**
 * Submits random tasks, `perSecond` of them, and records each answer. Most have a key and are sent until they are
 * accepted; some of these twice at once, some in batches.
 */
export function startRecordedLoad(
  scope: Scope,
  url: string,
  random: SeededRandom,
  perSecond: number,
): RecordedLoad {
  const submissions: Submission[] = [];
  const answers: AnswerNote[] = [];
  const problems: string[] = [];
  const underWay = new Set<Promise<void>>();
  let isOver = false;
  let isGivenUp = false;
  scope.after(() => {
    isOver = true;
    isGivenUp = true;
  });

  const create = (
    key: string | undefined,
    request = randomRequest(random),
    expected = expectedEnd(request),
  ): Submission => {
    const submission = { request, expected, key, ids: [], doubts: 0 };
    submissions.push(submission);
    return submission;
  };

  /** Returns whether the answer was 202. */
  const sendOnce = async (batch: readonly Submission[], key: string | undefined): Promise<boolean> => {
    const isBatch = batch.length > 1;
    const body = isBatch ? { tasks: batch.map(({ request }) => request) } : batch[0]?.request;
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    const startedAt = performance.now();
    const answer = await post(`${url}/api/tasks${isBatch ? '/batch' : ''}`, body, headers).catch(errorCodeOf);
    const status = typeof answer === 'string' ? answer : String(answer.status);
    const isAccepted = status === '202';
    const tasks = isAccepted ? batch.length : 0;
    answers.push({ status, atMs: Date.now(), tookMs: performance.now() - startedAt, tasks });
    if (typeof answer !== 'string' && isAccepted) {
      const accepted: { id: string }[] = isBatch ? answer.body.tasks : [answer.body];
      for (const [i, submission] of batch.entries()) submission.ids.push(accepted[i]?.id ?? 'none');
      return true;
    }
    for (const submission of batch) submission.doubts++;
    if (typeof answer !== 'string' && status !== '503')
      problems.push(`a submission was answered ${status} ${JSON.stringify(answer.body)}`);
    return false;
  };

  const send = async (batch: readonly Submission[], key: string | undefined) => {
    for (
      let waitMs = FIRST_RETRY_MS;
      !(await sendOnce(batch, key));
      waitMs = Math.min(2 * waitMs, LAST_RETRY_MS)
    ) {
      if (key === undefined || isGivenUp) return;
      await sleep(waitMs);
    }
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
    answers,
    problems,
    submit: async (request, expected) => {
      const key = `more-${submissions.length}`;
      const submission = create(key, request, expected);
      await send([submission], key);
      return submission.ids[0] ?? '';
    },
    stop: async () => {
      isOver = true;
      await run;
      await Promise.all(underWay);
    },
  };
}

export function describeAnswers({ answers }: RecordedLoad): string {
  const byStatus = Map.groupBy(answers, ({ status }) => status);
  return [...byStatus].map(([status, { length }]) => `${length} × ${status}`).join(', ');
}
