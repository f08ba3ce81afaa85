import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RangeAnswer } from '../../../dashboard/src/explore/answer.ts';
import { drawnSeries, labelsText, queryLetter, sharesOf } from '../../../dashboard/src/explore/legends.ts';

function answerOf(query: string, labels: readonly Record<string, string>[]): RangeAnswer {
  const series = labels.map((each) => ({ labels: each, values: new Map([[0, 1]]) }));
  return { kind: 'range', query, key: '', step: 15, times: [0, 15], tookSeconds: 0, series };
}

test('labels are in PromQL form, by alphabet and escaped', () => {
  assert.equal(labelsText({ __name__: 'up', job: 'a', instance: 'b' }), 'up{instance="b",job="a"}');
  assert.equal(labelsText({ path: 'C:\\"x"\n' }), '{path="C:\\\\\\"x\\"\\n"}');
  assert.equal(labelsText({ __name__: 'up' }), 'up');
  assert.equal(labelsText({}), '{}');
});

test('queries have letters', () => {
  assert.deepEqual([0, 25, 26].map(queryLetter), ['A', 'Z', 'A1']);
});

test('a series without labels is named for its query, with a letter where there are several', () => {
  const a = { letter: 'A', answer: answerOf('sum(up)', [{}]) };
  const b = { letter: 'B', answer: answerOf('up', [{ job: 'x' }, { job: 'x' }]) };
  const legends = (answers: (typeof a)[]) => drawnSeries(answers, [0]).map(({ legend }) => legend);
  assert.deepEqual(legends([a]), ['sum(up)']);
  assert.deepEqual(legends([a, b]), ['A  sum(up)', 'B  {job="x"}', 'B  {job="x"} (2)']);
});

test('all series are on the same times, with null where there is no value', () => {
  const answer = answerOf('up', [{ job: 'x' }]);
  assert.deepEqual(drawnSeries([{ letter: 'A', answer }], [0, 15])[0]?.values, [1, null]);
});

test('the places are shared out so that small answers lose nothing to large ones', () => {
  assert.deepEqual(sharesOf([200, 3], 50), [47, 3]);
  assert.deepEqual(sharesOf([200, 100, 1], 50), [24, 25, 1]);
  assert.deepEqual(sharesOf([2, 3], 50), [2, 3]);
  assert.deepEqual(sharesOf([], 50), []);
});
