import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparedWith, exemplarsOf } from '../../../../dashboard/src/overview/panel-extras.ts';

describe('what a panel holds beside its series', () => {
  it('names the time of its earlier values', () => {
    const names = [{ offset: 86_400 }, { offset: 604_800 }, { offset: 60 }, {}].map(comparedWith);
    assert.deepEqual(names, ['a day earlier', 'a week earlier', '60 s earlier', undefined]);
  });

  it('says of an exemplar what was observed', () => {
    const exemplar = { time: 1, value: 0.5, trace_id: 'abc' };
    const of = (labels: Record<string, string>) => exemplarsOf({ exemplars: [{ ...exemplar, labels }] })[0];
    assert.equal(of({ service: 's', endpoint: '/api/tasks', method: 'POST' })?.text, 'POST /api/tasks');
    assert.equal(of({ service: 's', status: 'failed', event_type: 'echo' })?.text, 'echo failed');
    assert.equal(of({ service: 's', instance: 'i' })?.text, 's');
    assert.deepEqual(exemplarsOf(undefined), []);
    assert.deepEqual(exemplarsOf({}), []);
  });
});
