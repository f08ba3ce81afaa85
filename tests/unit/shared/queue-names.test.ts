import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseQueueSlots, parseTaskRoutes } from '../../../src/shared/queue-names.ts';

describe('the names of queues', () => {
  it('have slots of their own', () => {
    assert.deepEqual(parseQueueSlots('tasks:8, gpu:2'), [
      { queue: 'tasks', slots: 8 },
      { queue: 'gpu', slots: 2 },
    ]);
    const eleven = Array.from({ length: 11 }, (_, i) => `q${i}:1`).join(',');
    for (const wrong of [
      '',
      'tasks',
      'tasks:0',
      'tasks:1001',
      'tasks:1.5',
      'a:1,a:2',
      'A:1',
      'rate:1',
      'a:1,',
      'a:1:2',
      'a:0x8',
      'a:1e1',
      'a: ',
      'a:+1',
      'a:\u0661',
      eleven,
    ])
      assert.equal(parseQueueSlots(wrong), undefined, wrong);
  });

  it('are chosen by the first route that fits the event type', () => {
    const routes = parseTaskRoutes('gpu.small=tasks, gpu.*=gpu,report=reports,bulk');
    assert.deepEqual(routes?.queues, ['tasks', 'gpu', 'reports', 'bulk']);
    const chosen = ['gpu.small', 'gpu.large', 'gpu', 'report', 'report.daily', 'bulk'].map((type) =>
      routes?.queueOf(type),
    );
    assert.deepEqual(chosen, ['tasks', 'gpu', 'tasks', 'reports', 'tasks', 'tasks']);
    assert.equal(parseTaskRoutes('*=all')?.queueOf('a'), 'all');
    assert.deepEqual(parseTaskRoutes('')?.queues, ['tasks']);
    for (const wrong of ['a*b=x', 'A=x', '=x', 'a=', 'a=X', 'a=rate', 'a=b=c', 'a=b,', 'a**=b', 'a=b c'])
      assert.equal(parseTaskRoutes(wrong), undefined, wrong);
    for (const useless of ['a=b,a=c', 'gpu.*=gpu,gpu.small=tasks', '*=a,b=c', 'a*=b,a*=b', 'a.*=b,a.b*=c'])
      assert.equal(parseTaskRoutes(useless), undefined, useless);
  });
});
