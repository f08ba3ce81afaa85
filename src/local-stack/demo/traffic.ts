export interface DemoRequest {
  readonly to: 'orchestrator' | 'workers';
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

/** Requests to send at the same time, and the pause after them. */
export interface DemoStep {
  readonly requests: readonly DemoRequest[];
  readonly pauseMs: number;
}

type Random = () => number;
/** Makes a request of one kind. `taskIds` are tasks that exist. */
type RequestMaker = (random: Random, taskIds: readonly string[]) => DemoRequest;

const MEAN_PAUSE_MS = 300;
const WAVE_STEPS = 400; // one wave from calm to busy and back takes about 2 min
const BURST_CHANCE = 1 / 150;
const BURST_SIZE = 60;
const KNOWN_TASKS = 50;

/** The page is calm between incidents. Each kind of incident takes its turn, and heals. */
const CALM_MS = 8 * 60_000;
const FIRST_CALM_MS = 4 * 60_000;
const INCIDENT_MS = 75_000;

const submit = (body: object): DemoRequest => ({
  to: 'orchestrator',
  method: 'POST',
  path: '/api/tasks',
  body,
});
const get = (path: string, to: DemoRequest['to'] = 'orchestrator'): DemoRequest => ({
  to,
  method: 'GET',
  path,
});
const pick = <T>(values: readonly T[], random: Random) => values[Math.floor(random() * values.length)];

const fast: RequestMaker = (random) =>
  submit({ event_type: 'demo.fast', payload: { size: Math.floor(random() * 1000) } });

/** The kinds of requests, each with its share in percent. */
const KINDS: readonly (readonly [number, RequestMaker])[] = [
  [32, fast],
  [9, () => submit({ event_type: 'demo.slow' })],
  [14, () => submit({ event_type: 'demo.flaky', payload: { chance: 0.03 } })],
  [7, (random) => submit({ event_type: 'demo.delayed', delay_ms: 1_000 + Math.floor(random() * 9_000) })],
  [6, (random) => submit({ event_type: 'demo.urgent', priority: 1 + Math.floor(random() * 10) })],
  [6, () => get('/api/tasks?limit=20')],
  [9, (random, ids) => get(`/api/tasks/${pick(ids, random) ?? 'none-yet'}`)],
  [4, () => get(`/api/metrics/query_range?${rateQuery(Date.now() / 1000)}`)],
  [4, (random) => get(`/no-such-page/${Math.floor(random() * 1e9).toString(36)}`)],
  [4, () => get('/stats', 'workers')],
  [2, () => get('/health', 'workers')],
  [3, () => submit({ event_type: 'Demo Bad Name', payload: {} })],
];

/** What each step of an incident sends beside the usual request: tasks that die, then more slow tasks than there are slots. */
const INCIDENTS: readonly (readonly DemoRequest[])[] = [
  [
    submit({ event_type: 'demo.broken', max_attempts: 2 }),
    submit({ event_type: 'demo.flaky', payload: { chance: 0.9 } }),
  ],
  Array.from({ length: 4 }, () => submit({ event_type: 'demo.slow' })),
];

/**
 * Chooses the requests of `npm start -- --demo`: a few a second, in waves, with a burst now and then. Every eight minutes
 * comes an incident of 75 s: attempts fail and tasks die, or the queue grows. Some requests are wrong on purpose.
 */
export class DemoTraffic {
  readonly #random: Random;
  readonly #taskIds: string[] = [];
  #step = 0;
  #calmMs = FIRST_CALM_MS;
  #incidentMs = 0;
  #incident = 0;

  constructor(random: Random = Math.random) {
    this.#random = random;
  }

  /** Remembers an accepted task: later requests ask for it. */
  remember(taskId: string): void {
    this.#taskIds.push(taskId);
    if (this.#taskIds.length > KNOWN_TASKS) this.#taskIds.shift();
  }

  next(): DemoStep {
    const random = this.#random;
    this.#step++;
    const wave = 1 + 0.7 * Math.sin((2 * Math.PI * this.#step) / WAVE_STEPS);
    const pauseMs = Math.round(MEAN_PAUSE_MS * wave * (0.5 + random()));
    const trouble = this.#troubleOf(pauseMs);
    if (random() < BURST_CHANCE) {
      return { requests: Array.from({ length: BURST_SIZE }, () => fast(random, [])), pauseMs };
    }
    return { requests: [this.#chooseRequest(), ...trouble], pauseMs };
  }

  /** The requests of the incident that is on, if one is. */
  #troubleOf(pauseMs: number): readonly DemoRequest[] {
    this.#calmMs -= pauseMs;
    if (this.#calmMs > 0) return [];
    this.#incidentMs += pauseMs;
    const trouble = INCIDENTS[this.#incident % INCIDENTS.length] ?? [];
    if (this.#incidentMs >= INCIDENT_MS) {
      this.#calmMs = CALM_MS;
      this.#incidentMs = 0;
      this.#incident++;
    }
    return trouble;
  }

  #chooseRequest(): DemoRequest {
    let left = this.#random() * 100;
    const chosen = KINDS.find(([share]) => {
      left -= share;
      return left < 0;
    });
    return (chosen?.[1] ?? fast)(this.#random, this.#taskIds);
  }
}

function rateQuery(now: number): URLSearchParams {
  const query = 'sum by (endpoint) (rate(asdlc_http_requests_total[1m]))';
  return new URLSearchParams({ query, start: String(now - 600), end: String(now), step: '15s' });
}
