import type { TaskRequest } from '../../src/shared/http-contract/tasks.ts';
import { post } from '../support/http.ts';
import { until } from '../support/until.ts';
import type { Release } from './releases.ts';

/** An orchestrator to which the load is sent. */
export interface Target {
  readonly release: Release;
  readonly url: string;
}

export interface RotatingLoad {
  /** The release whose orchestrator accepted the task, and the attempts that it needs, by id. */
  readonly accepted: ReadonlyMap<string, { readonly by: Release; readonly attempts: number }>;
  /** Every answer but 202, and every error of a connection. */
  readonly refused: readonly string[];
  add(target: Target): void;
  /** Sends it nothing more. Resolves when its last request has been answered. */
  remove(target: Target): Promise<void>;
  stop(): Promise<void>;
}

const SENDERS = 2;

/** Tasks of every kind that a queue keeps: they run, fail and run again, are due later, or go first. */
const KINDS: readonly { request: TaskRequest; attempts: number }[] = [
  { request: { event_type: 'wait', payload: 2 }, attempts: 1 },
  { request: { event_type: 'wait', payload: 50 }, attempts: 1 },
  { request: { event_type: 'fail.once', payload: 2 }, attempts: 2 },
  { request: { event_type: 'wait', payload: 2, delay_ms: 700 }, attempts: 1 },
  { request: { event_type: 'wait', payload: 2, priority: 3 }, attempts: 1 },
];

/** Submits tasks to the targets in turns, as a balancer does that knows which one is about to stop. */
export function startRotatingLoad(): RotatingLoad {
  const accepted = new Map<string, { by: Release; attempts: number }>();
  const refused: string[] = [];
  const underWay = new Map<Target, number>();
  const targets: Target[] = [];
  let isOver = false;
  let count = 0;

  const sendNext = async () => {
    const target = targets[count % targets.length];
    const kind = KINDS[count % KINDS.length];
    if (target === undefined || kind === undefined) return new Promise(setImmediate);
    const key = `upgrade-${count++}`;
    underWay.set(target, (underWay.get(target) ?? 0) + 1);
    try {
      const headers = { 'idempotency-key': key };
      const { status, body } = await post(`${target.url}/api/tasks`, kind.request, headers);
      if (status === 202) accepted.set(body.id, { by: target.release, attempts: kind.attempts });
      else refused.push(`${target.release.name}: ${status} ${JSON.stringify(body)}`);
    } catch (error) {
      refused.push(`${target.release.name}: ${(error as Error).cause ?? error}`); // as fetch throws
    }
    underWay.set(target, (underWay.get(target) ?? 0) - 1);
  };
  const send = async () => {
    while (!isOver) await sendNext();
  };
  const running = Promise.all(Array.from({ length: SENDERS }, send));

  return {
    accepted,
    refused,
    add: (target) => void targets.push(target),
    remove: async (target) => {
      targets.splice(targets.indexOf(target), 1);
      await until('its last request is answered', () => underWay.get(target) === 0);
    },
    stop: async () => {
      isOver = true;
      await running;
    },
  };
}
