import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  DEFAULT_VIEW,
  parseView,
  rangeSeconds,
  type View,
  viewParameters,
  windowProblem,
} from '../../../../dashboard/src/view/view-parameters.ts';

const parsed = (search: string) => parseView(new URLSearchParams(search));

describe('parseView', () => {
  it('is the default for an empty URL', () => assert.deepEqual(parsed(''), DEFAULT_VIEW));

  it('reads every part of the view', () => {
    const search =
      'range=6h&from=1795500000&to=1795503600&service=asdlc-workers&compare=7d&refresh=5s&tz=utc&theme=dark&q=up';
    assert.deepEqual(parsed(search), {
      range: '6h',
      isDefaultRange: false,
      window: { start: 1_795_500_000, end: 1_795_503_600 },
      service: 'asdlc-workers',
      compare: '7d',
      refreshSeconds: 5,
      timeZone: 'utc',
      theme: 'dark',
    });
  });

  it('falls back to the default for parameters that are not valid', () => {
    const search = 'range=1y&from=now&to=1795503600&service=&compare=2d&refresh=2s&tz=mars&theme=pink';
    assert.deepEqual(parsed(search), DEFAULT_VIEW);
  });

  it('takes the default range that the page chose, and keeps one that the operator chose', () => {
    const young = parseView(new URLSearchParams('range=1y'), '5m');
    assert.deepEqual([young.range, young.isDefaultRange], ['5m', true]);
    const chosen = parseView(new URLSearchParams('range=1h'), '5m');
    assert.deepEqual([chosen.range, viewParameters(chosen).toString()], ['1h', 'range=1h']);
  });

  it('ignores a window that is shorter than a minute, ends before it starts, or lacks an end', () => {
    for (const search of ['from=100&to=130', 'from=1000&to=500', 'from=1000', 'to=1000']) {
      assert.equal(parsed(search).window, null, search);
    }
  });
});

describe('windowProblem', () => {
  it('is null for a window that parseView accepts', () => {
    assert.equal(windowProblem({ start: 0, end: 366 * 86_400 }), null);
    assert.deepEqual(parsed('from=0&to=31622400').window, { start: 0, end: 31_622_400 });
  });

  it('says what was expected and what it got', () => {
    const problems = [
      { start: 100, end: 159 },
      { start: 1_000_000_000, end: 1_000_000_000 + 366 * 86_400 + 1 },
      { start: -1, end: 1_000 },
      { start: 1e11 - 3_600, end: 1e11 },
      { start: Number.NaN, end: 1_000 },
    ].map(windowProblem);
    assert.deepEqual(problems, [
      'Expected an end at least 60 s after the start.',
      'Expected at most 366 days between start and end; got 367.',
      'Expected times from 1970 to 5138.',
      'Expected times from 1970 to 5138.',
      'Expected a date and a time in both fields.',
    ]);
  });
});

describe('viewParameters', () => {
  it('leaves defaults out', () => assert.equal(viewParameters(DEFAULT_VIEW).toString(), ''));

  it('writes what parseView reads', () => {
    const views: View[] = [
      { ...DEFAULT_VIEW, range: '7d', isDefaultRange: false, refreshSeconds: 0 },
      { ...DEFAULT_VIEW, window: { start: 1_000, end: 5_000 }, service: 'a b&c', refreshSeconds: 60 },
      { ...DEFAULT_VIEW, timeZone: 'utc', theme: 'light', compare: '1d' },
    ];
    for (const view of views) assert.deepEqual(parseView(viewParameters(view)), view);
  });
});

describe('rangeSeconds', () => {
  it('reads durations from a minute to a year', () => {
    assert.deepEqual(['15m', '24h', '7d', '90s'].map(rangeSeconds), [900, 86_400, 604_800, 90]);
    assert.deepEqual(['', '1w', '30s', '0h', '400d', '1h30m', '-1h'].map(rangeSeconds), Array(7).fill(null));
  });
});
