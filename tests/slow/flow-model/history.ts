import type { SeededRandom } from '../../faults/history/seeded-random.ts';
import { type Answer, post, request } from '../../support/http.ts';
import { until } from '../../support/until.ts';
import { downwards, type Flow, randomFlow } from './flow.ts';
import type { Work } from './handlers.ts';
import type { FlowSystem } from './system.ts';

/** A change by hand of one task of a flow. `status`: of the response; 0: none came. */
export interface Change {
  readonly action: 'retry' | 'cancel' | 'remove';
  readonly place: number;
  readonly status: number;
  /** The task's status in the response. */
  readonly became: string | undefined;
  /** It was asked for as soon as a task was dead, beside the other changes. */
  readonly isEager?: boolean;
  /** How many notes there were after it. */
  readonly notes: number;
}

/** What was asked of the system. */
export interface History {
  readonly flows: readonly Flow[];
  /** By the flow's number, in the order in which they were asked for. */
  readonly changes: ReadonlyMap<number, readonly Change[]>;
}

/** Changes are made of one of so many newest flows. */
const RECENT = 25;

/** Submits random flows, and changes random tasks of them. */
export class RandomClient implements History {
  readonly flows: Flow[] = [];
  readonly changes = new Map<number, Change[]>();
  readonly #system: FlowSystem;
  readonly #random: SeededRandom;
  readonly #eager: Promise<void>[] = [];

  constructor(system: FlowSystem, random: SeededRandom) {
    this.#system = system;
    this.#random = random;
  }

  /** Submits one flow, or a few in a batch. Most have a key, and are sent until they are accepted. */
  async submit(): Promise<void> {
    const count = this.#random.next() < 0.2 ? this.#random.between(2, 3) : 1;
    const added = Array.from({ length: count }, (_, i) => randomFlow(this.#random, this.flows.length + i));
    this.flows.push(...added);
    const key = this.#random.next() < 0.85 ? `flow ${added[0]?.number}` : undefined;
    const send = () => this.#send(added, key);
    const answer = key === undefined ? await send() : await until(`${key} is accepted`, send, 60_000);
    if (answer === undefined) return;
    const answers = count > 1 ? answer.body.tasks : [answer.body];
    for (const [i, flow] of added.entries()) {
      flow.ids = idsOf(answers[i]);
      const dying = flow.tasks.findIndex(({ parent }, place) => parent !== undefined && dies(flow, place));
      if (dying >= 0 && this.#random.next() < 0.5) this.#eager.push(this.#retryAtOnce(flow, dying));
    }
  }

  /** Resolves once nothing that it has begun goes on. */
  async settled(): Promise<void> {
    await Promise.all(this.#eager);
  }

  /** Retries a task as soon as it is dead: a worker may just end those that wait for it. */
  async #retryAtOnce(flow: Flow, place: number): Promise<void> {
    const answer = await this.#call(`/${flow.ids[place]}?wait=10`, undefined, {}, 'GET');
    if (answer?.body.status !== 'dead') return;
    this.#system.mend({ flow: flow.number, task: place });
    await this.#carryOut(flow, { action: 'retry', place, isEager: true });
  }

  /** Undefined: it was not accepted. */
  async #send(flows: readonly Flow[], key: string | undefined): Promise<Answer | undefined> {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    const requests = flows.map((flow) => flow.request);
    const answer =
      requests.length > 1
        ? await this.#call('/batch', { tasks: requests }, headers)
        : await this.#call('', requests[0], headers);
    if (answer !== undefined && answer.status !== 202 && answer.status !== 503)
      throw new Error(`expected 202 or 503; got ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer?.status === 202 ? answer : undefined;
  }

  /** Retries, cancels or removes a task of a recent flow: one that can be, if there is one. */
  async change(): Promise<void> {
    const flow = this.#random.pick(this.flows.slice(-RECENT));
    if (flow.ids.length === 0) return;
    const kind = this.#random.next();
    const action = kind < 0.7 ? 'retry' : kind < 0.88 ? 'cancel' : 'remove';
    const shallMend = this.#random.next() < 0.8;
    const order = this.#random.shuffled([...flow.tasks.keys()]);
    const place = (await this.#firstThatCan(action, flow, order)) ?? order[0] ?? 0;
    if (action === 'retry' && shallMend)
      for (const task of downwards(flow, place)) this.#system.mend({ flow: flow.number, task });
    await this.#carryOut(flow, { action, place });
  }

  async #carryOut(flow: Flow, change: Pick<Change, 'action' | 'place' | 'isEager'>): Promise<void> {
    const path = `/${flow.ids[change.place]}`;
    const answer =
      change.action === 'remove'
        ? await this.#call(path, undefined, {}, 'DELETE')
        : await this.#call(`${path}/${change.action}`, '');
    const { status = 0, body } = answer ?? {};
    const made = { ...change, status, became: body?.status, notes: this.#system.notes().length };
    this.changes.set(flow.number, [...(this.changes.get(flow.number) ?? []), made]);
  }

  async #firstThatCan(
    action: Change['action'],
    flow: Flow,
    order: readonly number[],
  ): Promise<number | undefined> {
    const fitting = action === 'retry' ? ['dead'] : ['blocked', 'queued', 'active', 'delayed'];
    for (const place of order) {
      const answer = await this.#call(`/${flow.ids[place]}`, undefined, {}, 'GET');
      if (fitting.includes(answer?.body.status)) return place;
    }
    return undefined;
  }

  /** Undefined: no response came. */
  #call(path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST') {
    const url = `${this.#system.url}/api/tasks${path}`;
    const answer = method === 'POST' ? post(url, body, headers) : request(url, { method });
    return answer.catch(() => undefined);
  }
}

function dies({ request }: Flow, place: number): boolean {
  const all = [request, ...(request.children ?? []), ...(request.next ?? [])];
  return (all[place]?.payload as Work | undefined)?.dies ?? false; // as randomFlow makes it
}

/** How often each change got each status. */
export function describeChanges({ changes }: History): string {
  const all = [...changes.values()].flat();
  const byAnswer = Map.groupBy(all, ({ action, status }) => `${action} ${status || 'unanswered'}`);
  return [...byAnswer].map(([answer, { length }]) => `${length} × ${answer}`).join(', ');
}

interface Accepted {
  readonly id: string;
  readonly children?: readonly { readonly id: string }[];
  readonly next?: readonly { readonly id: string }[];
}

function idsOf({ id, children = [], next = [] }: Accepted): string[] {
  return [id, ...children.map((child) => child.id), ...next.map((step) => step.id)];
}
