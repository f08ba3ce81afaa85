import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../../../dashboard/src/api/api-error.ts';
import { headlineOf } from '../../../../dashboard/src/overview/headline.ts';
import { SECTIONS, titleOf } from '../../../../dashboard/src/overview/panel-sections.ts';
import {
  backlogState,
  failureState,
  redisState,
  serviceState,
  servicesState,
  systemState,
  tsdbState,
} from '../../../../dashboard/src/overview/system-state.ts';
import { PANELS } from '../../../../src/infrastructure/telemetry/panels.ts';
import type { PanelName } from '../../../../src/shared/http-contract/panel-faces.ts';
import type { PanelData } from '../../../../src/shared/http-contract/panels.ts';
import type { QueueState } from '../../../../src/shared/http-contract/queue.ts';

type Values = Readonly<Record<string, readonly (number | null)[]>>;

/** Data of one of our panels: series with these values, a point every 15 s. */
function panel(name: PanelName, values: Values): PanelData {
  const face = PANELS.find((each) => each.name === name);
  assert.ok(face);
  return {
    ...face,
    queries: [],
    start: 0,
    end: 0,
    step: 15,
    times: Array.from(Object.values(values)[0] ?? [], (_, i) => i * 15),
    series: Object.entries(values).map(([legend, each]) => ({ legend, labels: {}, values: [...each] })),
    folded: { series: 0, idle: 0 },
  };
}

const ok = <T>(data: T) => ({ status: 'ok' as const, data, error: undefined });
const down = new ApiError('The TSDB cannot be reached.', 503, 'unavailable');
const failed = { status: 'error' as const, data: undefined, error: down };
const loading = { status: 'loading' as const, data: undefined, error: undefined };
const tasks = { waiting: 3, active: 1, delayed: 0, blocked: 0, dead: 2, completed: 5, paused: 0 };
const queue = (changes: Partial<QueueState> = {}) =>
  ok({
    paused: false,
    tasks,
    workers: 1,
    oldest_age_seconds: 2,
    paused_event_types: [],
    queues: [],
    ...changes,
  });

describe('the sections of the overview', () => {
  it('hold every panel of the API once, in the order of the API', () => {
    const names = SECTIONS.flatMap(({ panels }) => panels.map(({ name }) => name));
    assert.deepEqual(
      names,
      PANELS.map(({ name }) => name),
    );
  });

  it('hold a multiple of three panels each, so that rows are full', () => {
    for (const { title, panels } of SECTIONS) assert.equal(panels.length % 3, 0, title);
  });
});

describe('titleOf', () => {
  it('is the panel’s title, and the name of a panel that does not exist', () => {
    assert.equal(titleOf('event_wait'), 'Wait time');
    assert.equal(titleOf('nothing'), 'nothing');
  });
});

describe('headlineOf', () => {
  it('is the sum of the rates', () => {
    const rates = panel('request_rate', { '2xx': [1, 4], '5xx': [0, 0.5] });
    assert.deepEqual(headlineOf(rates), { number: '4.5', unit: 'req/s', label: 'total' });
  });

  it('is the 95th percentile of times', () => {
    const times = panel('event_wait', { p50: [0.001], p95: [0.02], p99: [1] });
    assert.deepEqual(headlineOf(times), { number: '20', unit: 'ms', label: 'p95' });
  });

  it('is the busy slots out of all slots', () => {
    const slots = panel('worker_slots', { busy: [3], idle: [7] });
    assert.deepEqual(headlineOf(slots), { number: '3', unit: 'of 10', label: 'busy' });
  });

  it('is down if one service is down', () => {
    const redis = panel('redis_up', { a: [1], b: [0] });
    assert.equal(headlineOf(redis).number, 'down');
  });

  it('is a dash without a current value', () => {
    assert.equal(headlineOf(panel('cpu', { a: [1, null, null, null, null] })).number, '–');
    assert.equal(headlineOf(panel('queue_depth', { dead: [1] })).number, '–');
  });
});

describe('an indicator', () => {
  const instance = (up: boolean) => ({ instance: 'a:1', job: 'asdlc', version: '0.1.0', up });

  it('of a service is fine, partly down, or down', () => {
    const tones = [[true, true], [true, false], [false]].map((ups) => {
      const service = { name: 'workers', up: ups.some((up) => up), instances: ups.map(instance) };
      return serviceState(service).tone;
    });
    assert.deepEqual(tones, ['success', 'warning', 'failure']);
  });

  it('is unknown if its data cannot be loaded: never fine, and never zero', () => {
    for (const indicator of [
      tsdbState(failed),
      backlogState(failed),
      failureState(failed),
      ...servicesState(failed),
    ]) {
      assert.deepEqual([indicator.tone, indicator.value], ['warning', 'Unknown']);
    }
  });

  it('is unknown when the data are stale', () => {
    const stale = { ...queue(), status: 'stale' as const, error: down };
    assert.equal(backlogState(stale).value, 'Unknown');
  });

  it('of the backlog warns of an old task, of a paused queue, and of workers that are gone', () => {
    const tone = (changes: Partial<QueueState>) => backlogState(queue(changes)).tone;
    assert.equal(tone({}), 'success');
    assert.equal(tone({ paused: true }), 'warning');
    assert.equal(tone({ workers: 0 }), 'failure');
    assert.equal(tone({ oldest_age_seconds: 61 }), 'warning');
    assert.equal(tone({ oldest_age_seconds: 301 }), 'failure');
    const type = { event_type: 'a', since: null, by: 'x', tasks: 1 };
    const { tone: ofOne, problem } = backlogState(queue({ paused_event_types: [type] }));
    assert.deepEqual([ofOne, problem], ['warning', 'the event type a is paused']);
    const { problem: ofTwo } = backlogState(queue({ paused_event_types: [type, type] }));
    assert.equal(ofTwo, '2 event types are paused');
  });

  it('of failures is the share of attempts that failed', () => {
    const failures = (perSecond: number, dead = 0) =>
      failureState(
        ok([
          panel('events_rate', {
            'a success': [10 - perSecond],
            'a failed': [perSecond],
          }),
          panel('event_failures', { failed: [perSecond] }),
          panel('tasks_given_up', { error: [dead], timeout: [0] }),
        ] as const),
      );
    assert.deepEqual([failures(0).tone, failures(0).value], ['success', 'None']);
    assert.equal(failures(0.1).tone, 'success');
    const givenUp = failures(0.1, 0.1);
    assert.deepEqual([givenUp.tone, givenUp.problem], ['warning', 'tasks are given up']);
    assert.equal(givenUp.detail, '1% of attempts; 0.1\u00a0/s tasks given up');
    assert.deepEqual([failures(1.04).tone, failures(1.04).problem], ['failure', '10% of attempts fail']);
    assert.equal(failures(0.01).detail, '<1% of attempts');
  });

  it('of failures does not flap around its limit', () => {
    const at = (share: number, isFailing: boolean) => failureState(ok(failing(share)), isFailing).tone;
    assert.deepEqual([at(0.045, false), at(0.051, false)], ['success', 'failure']);
    assert.deepEqual([at(0.045, true), at(0.039, true)], ['failure', 'success']);
  });

  it('of failures does not say that all attempts succeed if none ended', () => {
    const idle = [
      panel('events_rate', { 'a success': [0, 0], 'a failed': [0, 0] }),
      panel('event_failures', { failed: [0, 0] }),
      panel('tasks_given_up', { error: [0, 0] }),
    ] as const;
    const { tone, value, detail } = failureState(ok(idle));
    assert.deepEqual([tone, value, detail], ['neutral', 'No attempts', 'no attempt seen in 15 min']);
    const before = panel('events_rate', { 'a success': [3, 0] });
    assert.equal(failureState(ok([before, idle[1], idle[2]] as const)).detail, 'no attempt ended lately');
    const { sentence, tone: whole } = systemState([backlogState(queue()), failureState(ok(idle))]);
    assert.deepEqual([whole, sentence], ['neutral', 'Nothing is wrong, and no task runs']);
  });

  it('of failures is not fine while no worker is live, whatever the last rates say', () => {
    const { tone, value, detail } = failureState(ok(failing(0)), false, 0);
    assert.deepEqual([tone, value, detail], ['neutral', 'No attempts', 'no worker is live']);
    assert.equal(failureState(ok(failing(0)), false, 1).tone, 'success');
  });

  it('of Redis names the error', () => {
    const checks = { redis: { status: 'down', latency_ms: 1_000, error: 'not connected' } };
    const readiness = { status: 'not_ready', service: 'a', version: '1', uptime_seconds: 1, checks };
    assert.deepEqual(redisState(ok(readiness)).detail, 'not connected');
  });
});

/** The panels of a system with ten attempts a second, of which a share fails. */
function failing(share: number): readonly [PanelData, PanelData, PanelData] {
  return [
    panel('events_rate', { 'a success': [10 - 10 * share], 'a failed': [10 * share] }),
    panel('event_failures', { failed: [10 * share] }),
    panel('tasks_given_up', { error: [0] }),
  ];
}

describe('systemState', () => {
  it('is normal if every indicator is', () => {
    assert.equal(systemState([backlogState(queue())]).sentence, 'All systems normal');
  });

  it('is not normal before everything is known', () => {
    assert.equal(systemState([backlogState(queue()), tsdbState(loading)]).tone, 'neutral');
  });

  it('names what is wrong, the worst first', () => {
    const indicators = [
      backlogState(queue({ paused: true })),
      tsdbState(ok({ status: 'unhealthy' as const })),
    ];
    const { tone, sentence } = systemState(indicators);
    assert.deepEqual([tone, sentence], ['failure', 'The TSDB is down; the queue is paused']);
  });

  it('keeps its topic if only a number changes, and has another one for another trouble', () => {
    const topicOf = (...indicators: Parameters<typeof systemState>[0]) => systemState(indicators).topic;
    const shares = [0.0851, 0.0857, 0.3].map((share) => topicOf(failureState(ok(failing(share)))));
    assert.deepEqual([...new Set(shares)], ['Attempts fail']);
    const ages = [400, 500].map((age) => topicOf(backlogState(queue({ oldest_age_seconds: age }))));
    assert.equal(new Set(ages).size, 1);
    assert.notEqual(topicOf(backlogState(queue({ paused: true }))), ages[0]);
  });

  it('keeps the name of a service as it is', () => {
    const service = { name: 'asdlc-workers', up: false, instances: [] };
    assert.equal(systemState([serviceState(service)]).sentence, 'Service asdlc-workers is down');
  });

  it('names only the token if that is missing', () => {
    const refused = { ...failed, error: new ApiError('Expected a bearer token.', 401, 'unauthorized') };
    const { sentence } = systemState([tsdbState(refused), backlogState(refused), failureState(refused)]);
    assert.equal(sentence, 'The API needs a token');
  });

  it('names only the orchestrator if that is away', () => {
    const indicators = [redisState(failed), tsdbState(failed), backlogState(failed)];
    const { tone, sentence } = systemState(indicators);
    assert.deepEqual([tone, sentence], ['failure', 'The orchestrator does not respond']);
  });
});
