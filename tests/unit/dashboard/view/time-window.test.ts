import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  moved,
  panelSearch,
  pointsFor,
  scaled,
  selected,
  windowOf,
} from '../../../../dashboard/src/view/time-window.ts';
import { DEFAULT_VIEW, windowProblem } from '../../../../dashboard/src/view/view-parameters.ts';

const NOW = 100_000;

describe('windowOf', () => {
  it('is the range until now', () => {
    assert.deepEqual(windowOf({ range: '15m', window: null }, NOW), { start: NOW - 900, end: NOW });
  });

  it('is the absolute window if there is one', () => {
    const window = { start: 1_000, end: 2_000 };
    assert.deepEqual(windowOf({ range: '15m', window }, NOW), window);
  });
});

describe('moved', () => {
  it('goes back by a share of the length', () => {
    assert.deepEqual(moved({ start: 1_000, end: 2_000 }, -0.5, NOW), { start: 500, end: 1_500 });
  });

  it('stops at now', () => {
    assert.deepEqual(moved({ start: NOW - 1_100, end: NOW - 100 }, 0.5, NOW), {
      start: NOW - 1_000,
      end: NOW,
    });
    assert.deepEqual(moved({ start: NOW - 1_000, end: NOW }, 0.5, NOW), { start: NOW - 1_000, end: NOW });
  });
});

describe('scaled', () => {
  it('keeps the middle', () => {
    assert.deepEqual(scaled({ start: 10_000, end: 11_000 }, 2, NOW), { start: 9_500, end: 11_500 });
    assert.deepEqual(scaled({ start: 10_000, end: 11_000 }, 0.5, NOW), { start: 10_250, end: 10_750 });
  });

  it('does not pass now, and is still twice as long', () => {
    assert.deepEqual(scaled({ start: NOW - 1_000, end: NOW }, 2, NOW), { start: NOW - 2_000, end: NOW });
  });

  it('is never shorter than a minute', () => {
    const { start, end } = scaled({ start: 10_000, end: 10_060 }, 0.5, NOW);
    assert.equal(end - start, 60);
  });
});

describe('the limits of time', () => {
  const YEAR = 366 * 86_400;
  const LATER = 1_800_000_000;

  it('hold when zooming out again and again: a year at most, which the URL accepts', () => {
    let window = { start: LATER - 100_000.5, end: LATER - 0.5 };
    for (let i = 0; i < 20; i++) window = scaled(window, 2, LATER);
    assert.equal(window.end - window.start, YEAR);
    assert.equal(windowProblem(window), null);
    const odd = scaled({ start: 1_000_000_000, end: 1_020_000_001 }, 2, LATER);
    assert.equal(windowProblem(odd), null);
  });

  it('hold near 1970', () => {
    assert.equal(scaled({ start: 100, end: 5_000 }, 4, NOW).start, 0);
    assert.deepEqual(moved({ start: 100, end: 5_000 }, -0.5, NOW), { start: 0, end: 4_900 });
  });
});

describe('selected', () => {
  it('takes a drag in either direction', () => {
    assert.deepEqual(selected(2_000, 1_000), { start: 1_000, end: 2_000 });
  });

  it('widens a drag of less than a minute around its middle', () => {
    assert.deepEqual(selected(1_000, 1_010), { start: 975, end: 1_035 });
  });
});

describe('panelSearch', () => {
  it('describes a range until the server’s present time', () => {
    assert.equal(panelSearch(DEFAULT_VIEW, 250).toString(), 'range=1h&width=250');
  });

  it('describes an absolute window by its length and end, for one service', () => {
    const view = { ...DEFAULT_VIEW, window: { start: 1_000, end: 4_600 }, service: 'asdlc-workers' };
    assert.equal(panelSearch(view, 250).toString(), 'range=3600s&end=4600&width=250&service=asdlc-workers');
  });
});

describe('panelSearch with a comparison', () => {
  it('asks for the values of so long before', () => {
    assert.equal(panelSearch({ ...DEFAULT_VIEW, compare: '1d' }, 250).get('offset'), '1d');
  });
});

describe('pointsFor', () => {
  it('is the same for nearly the same width, and has bounds', () => {
    assert.equal(pointsFor(500), pointsFor(510));
    assert.deepEqual([10, 500, 10_000].map(pointsFor), [100, 250, 1_000]);
  });
});
