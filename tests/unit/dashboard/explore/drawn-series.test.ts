import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryLetter } from '../../../../dashboard/src/explore/queries/query-rows.ts';
import { drawnSeries, sharesOf } from '../../../../dashboard/src/explore/results/drawn-series.ts';
import type { RangeResult } from '../../../../dashboard/src/explore/results/query-result.ts';
import { distinguishingLabels, labelsText } from '../../../../dashboard/src/explore/results/series-labels.ts';

function answerOf(query: string, labels: readonly Record<string, string>[]): RangeResult {
  const series = labels.map((each) => ({ labels: each, values: new Map([[0, 1]]) }));
  return { kind: 'range', query, key: '', step: 15, times: [0, 15], tookSeconds: 0, series };
}

test('labels are in PromQL form, sorted and escaped', () => {
  assert.equal(labelsText({ __name__: 'up', job: 'a', instance: 'b' }), 'up{instance="b",job="a"}');
  assert.equal(labelsText({ path: 'C:\\"x"\n' }), '{path="C:\\\\\\"x\\"\\n"}');
  assert.equal(labelsText({ __name__: 'up' }), 'up');
  assert.equal(labelsText({}), '{}');
});

test('queries have letters', () => {
  assert.deepEqual([0, 25, 26].map(queryLetter), ['A', 'Z', 'A1']);
});

test('a series without labels is named after its query, with a letter if there are several queries', () => {
  const a = { letter: 'A', result: answerOf('sum(up)', [{}]) };
  const b = { letter: 'B', result: answerOf('up', [{ job: 'x' }, { job: 'x' }]) };
  const legends = (results: (typeof a)[]) => drawnSeries(results, [0]).map(({ legend }) => legend);
  assert.deepEqual(legends([a]), ['sum(up)']);
  assert.deepEqual(legends([a, b]), ['A  sum(up)', 'B  {job="x"}', 'B  {job="x"} (2)']);
});

test('a legend leaves out labels that all series share; the name has all labels', () => {
  const common = { __name__: 'memory_bytes', job: 'a' };
  const result = answerOf('memory_bytes', [
    { ...common, type: 'rss' },
    { ...common, type: 'vms' },
  ]);
  const drawn = drawnSeries([{ letter: 'A', result }], [0]);
  assert.deepEqual(
    drawn.map(({ legend }) => legend),
    ['{type="rss"}', '{type="vms"}'],
  );
  assert.equal(drawn[0]?.name, 'memory_bytes{job="a",type="rss"}');
});

test('of labels that always change together, only the one that says most is kept', () => {
  const of = (service: string, port: number, type: string) => ({
    service,
    job: `job-${service}`,
    instance: `host:${port}`,
    type,
  });
  const all = [of('a', 1, 'rss'), of('a', 1, 'vms'), of('b', 2, 'rss'), of('b', 2, 'vms')];
  assert.deepEqual(distinguishingLabels(all).sort(), ['service', 'type']);
  assert.deepEqual(distinguishingLabels([...all, of('b', 3, 'rss')]).sort(), ['instance', 'service', 'type']);
  assert.deepEqual(distinguishingLabels([{ job: 'x' }, { job: 'x' }]), []);
  assert.deepEqual(distinguishingLabels([{ job: 'x' }, {}]), ['job']);
});

test('all series are on the same times, with null for a gap', () => {
  const result = answerOf('up', [{ job: 'x' }]);
  assert.deepEqual(drawnSeries([{ letter: 'A', result }], [0, 15])[0]?.values, [1, null]);
});

test('places are shared so that small results lose nothing to large ones', () => {
  assert.deepEqual(sharesOf([200, 3], 50), [47, 3]);
  assert.deepEqual(sharesOf([200, 100, 1], 50), [24, 25, 1]);
  assert.deepEqual(sharesOf([2, 3], 50), [2, 3]);
  assert.deepEqual(sharesOf([], 50), []);
});

test('of more series than places, the largest are drawn', () => {
  const all = answerOf('up', [{ job: 'x' }, { job: 'y' }, { job: 'z' }]);
  const series = all.series.map((each, i) => ({ ...each, values: new Map([[0, i]]) }));
  const result = { ...all, series };
  const drawn = drawnSeries([{ letter: 'A', result }], [0], 2);
  assert.deepEqual(
    drawn.map(({ legend }) => legend),
    ['{job="y"}', '{job="z"}'],
  );
});
