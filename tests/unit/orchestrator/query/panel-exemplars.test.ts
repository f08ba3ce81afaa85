import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SeriesExemplars } from '../../../../src/infrastructure/victoria-metrics/query-result.ts';
import { exemplarsOf } from '../../../../src/orchestrator/query/panel-exemplars.ts';
import { QueryError } from '../../../../src/shared/errors.ts';

const WINDOW = { start: 100, end: 200 };
const SERIES = { __name__: 'asdlc_event_wait_seconds_bucket', le: '1', event_type: 'echo' };
const exemplar = (timestamp: number, value: string, id = `at-${timestamp}`) => ({
  labels: { trace_id: id },
  value,
  timestamp,
});
const answering =
  (...exemplars: SeriesExemplars['exemplars']) =>
  async () => [{ seriesLabels: SERIES, exemplars }];
const told = (error: QueryError) => async () => {
  throw error;
};

describe('the exemplars of a panel', () => {
  it('are the slowest of each part of the window, oldest first', async () => {
    const all = [exemplar(170, '0.3'), exemplar(110, '0.1'), exemplar(120, '0.2'), exemplar(200, '0.25')];
    const found = await exemplarsOf(answering(...all), WINDOW, 2, undefined);
    assert.deepEqual(found, [
      { time: 120, value: 0.2, trace_id: 'at-120', labels: { event_type: 'echo' } },
      { time: 170, value: 0.3, trace_id: 'at-170', labels: { event_type: 'echo' } },
    ]);
  });

  it('have the address of their trace, whatever their id holds', async () => {
    const [found] = await exemplarsOf(
      answering(exemplar(110, '1', 'a/../b c')),
      WINDOW,
      5,
      'https://traces.example/{trace_id}?id={trace_id}',
    );
    assert.equal(found?.trace_url, 'https://traces.example/a%2F..%2Fb%20c?id=a%2F..%2Fb%20c');
  });

  it('are none without a trace id, a finite value, or a time in the window', async () => {
    const odd = [
      { labels: {}, value: '1', timestamp: 110 },
      exemplar(110, 'NaN'),
      exemplar(110, '+Inf'),
      exemplar(110, '1', 'x'.repeat(129)),
      exemplar(110, '1', '\ud800'),
      exemplar(99, '1'),
      exemplar(202, '1'),
    ];
    assert.deepEqual(await exemplarsOf(answering(...odd), WINDOW, 50, undefined), []);
  });

  it('are the newest if there are too many to parse, and none if those are too many too', async () => {
    const asked: [number, number][] = [];
    const few = async (start: number, end: number) => {
      asked.push([start, end]);
      if (end - start > 20) throw new QueryError('execution', 'Expected a result of at most …; got more.');
      return answering(exemplar(195, '1'))();
    };
    assert.equal((await exemplarsOf(few, WINDOW, 5, undefined)).length, 1);
    assert.deepEqual(asked, [
      [100, 200],
      [187.5, 200],
    ]);
    const never = told(new QueryError('execution', 'too many'));
    assert.deepEqual(await exemplarsOf(never, WINDOW, 5, undefined), []);
  });

  it('are none while the TSDB does not say: the chart is drawn without them', async () => {
    const down = told(new QueryError('unavailable', 'The TSDB cannot be reached.'));
    assert.deepEqual(await exemplarsOf(down, WINDOW, 5, undefined), []);
  });
});
