import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { alertsState, alertsToShow, linkOf } from '../../../../dashboard/src/overview/alerts.ts';
import { systemState } from '../../../../dashboard/src/overview/system-state.ts';

const alert = (alertname: string, state: string, severity: string) => ({
  state,
  labels: { alertname, severity },
  annotations: {},
});

describe('alerts on the overview', () => {
  it('stand in the order: critical, other firing ones, pending; each by name', () => {
    const shown = alertsToShow([
      alert('Waits', 'pending', 'critical'),
      alert('Slow', 'firing', 'warning'),
      alert('Odd', 'firing', 'none of ours'),
      alert('Gone', 'firing', 'critical'),
      alert('Fine', 'inactive', 'critical'),
    ]);
    assert.deepEqual(
      shown.map(({ name, tone }) => [name, tone]),
      [
        ['Gone', 'failure'],
        ['Odd', 'warning'],
        ['Slow', 'warning'],
        ['Waits', 'neutral'],
      ],
    );
  });

  it('show their labels when they have no summary, and no time that is none', () => {
    const [shown] = alertsToShow([{ state: 'firing', activeAt: 'soon', labels: { alertname: 'A', a: 'b' } }]);
    assert.deepEqual([shown?.summary, shown?.sinceMs], ['a=b', undefined]);
  });

  it('make the state of the system as bad as the worst that fires, and no worse for pending ones', () => {
    const stateWith = (...alerts: ReturnType<typeof alert>[]) =>
      systemState([alertsState(alertsToShow(alerts))]);
    const slow = alert('Slow', 'firing', 'warning');
    assert.deepEqual(stateWith(slow), { tone: 'warning', sentence: 'Slow fires', topic: 'Slow fires' });
    const both = stateWith(slow, alert('Gone', 'firing', 'critical'));
    assert.deepEqual(both, { tone: 'failure', sentence: '2 alerts fire', topic: 'Gone, Slow fire' });
    assert.equal(stateWith(alert('Waits', 'pending', 'critical')).sentence, 'All systems normal');
  });

  it('link only to addresses of the web', () => {
    assert.equal(linkOf('https://a.example/runbooks/A'), 'https://a.example/runbooks/A');
    for (const url of [undefined, '', 'javascript:alert(1)', '/runbooks/A', 'data:text/html,a', 'http://'])
      assert.equal(linkOf(url), undefined);
  });
});
