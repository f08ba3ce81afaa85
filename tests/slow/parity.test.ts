import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { FORMS, type Form } from '../support/parity-forms.ts';
import { startOrchestrator, startRedis } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { startFilledPrometheus, startFilledVictoriaMetrics } from '../support/tsdb.ts';

/** What both TSDBs accept and this API refuses, with the reason. */
const DEVIATIONS: readonly (readonly [form: RegExp, reason: string])[] = [
  [
    /"(?:time|start|end)","\d{13}"/,
    'milliseconds by mistake would be a time in the far future, without an error',
  ],
  [/"(?:time|start|end)","(?:Inf|NaN)"/, 'no time; the two take it for different ones'],
  [/"(?:time|start|end)","(?:0x1p4|1_000)"/, 'a number as Go writes it in programs; no client sends it'],
  [/"t @ 9e15"/, 'VictoriaMetrics 1.79.5 does not survive all times past the year 287,396'],
  [
    /"t\{kind=~.*\{20\}/,
    'repeated repetitions fill the memory of VictoriaMetrics, which keeps what it compiled',
  ],
  [/"start","2"\],\["end","1"/, 'a range that ends before it starts is a mistake of the caller'],
  [/"query","t"\],\["query"/, 'of two queries, nobody can tell which one is meant'],
];

const search = ({ parameters }: Form) => {
  const form = new URLSearchParams();
  for (const [name, value] of parameters) form.append(name, value);
  return form.toString();
};

describe('parity with Prometheus and VictoriaMetrics', () => {
  const scope = suiteScope();
  /** The addresses before `/api/v1/`; ours in front of each. */
  let prometheus: string;
  let victoriaMetrics: string;
  let ours: readonly string[];

  before(async () => {
    const [redis, ...tsdbs] = await Promise.all([
      startRedis(scope),
      startFilledPrometheus(scope),
      startFilledVictoriaMetrics(scope),
    ]);
    [prometheus, victoriaMetrics] = [tsdbs[0].url, tsdbs[1].url];
    ours = await Promise.all(
      tsdbs.map(async ({ url }) => {
        const orchestrator = await startOrchestrator(scope, {
          REDIS_URL: redis.url,
          VICTORIAMETRICS_URL: url,
        });
        return `${orchestrator.url}/api/metrics/prom`;
      }),
    );
  });

  async function accepts(base: string, form: Form): Promise<boolean> {
    const response = await fetch(`${base}/api/v1/${form.path}?${search(form)}`);
    await response.arrayBuffer();
    return response.status === 200;
  }
  const acceptedByAll = async (bases: readonly string[], form: Form) =>
    (await Promise.all(bases.map((base) => accepts(base, form)))).every(Boolean);

  it('accepts what both accept, but for what is listed with a reason', async () => {
    const refused: string[] = [];
    const used = new Set<RegExp>();
    let accepted = 0;
    for (const form of FORMS) {
      if (await acceptedByAll(ours, form)) accepted++;
      // Prometheus first: what it refuses may be what VictoriaMetrics does not survive.
      else if ((await accepts(prometheus, form)) && (await accepts(victoriaMetrics, form))) {
        const text = `${form.path} ${JSON.stringify(form.parameters)}`;
        const deviation = DEVIATIONS.find(([pattern]) => pattern.test(text));
        if (deviation === undefined) refused.push(text);
        else used.add(deviation[0]);
      }
    }
    assert.deepEqual(refused, []);
    assert.ok(accepted > 300, `${accepted}`);
    assert.deepEqual(
      DEVIATIONS.filter(([pattern]) => !used.has(pattern)),
      [],
      'a deviation that is none any more',
    );
  });
});
