import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ResultTooLarge } from '../../../../src/infrastructure/victoria-metrics/query-errors.ts';
import { PanelWidths } from '../../../../src/orchestrator/query/panel-widths.ts';

/** Reads a panel of which so many points fit. Notes how many points each read had. */
function reader(fits: number, asked = 1_000) {
  const reads: number[] = [];
  const read = (maxWidth = asked) => {
    reads.push(maxWidth);
    const tooLarge = maxWidth > fits;
    return {
      points: maxWidth,
      data: tooLarge ? Promise.reject(new ResultTooLarge('too much')) : Promise.resolve(maxWidth),
    };
  };
  return { reads, read };
}

describe('PanelWidths', () => {
  it('halves the points until they fit, and remembers for five minutes how many do', async (t) => {
    let nowMs = 0;
    t.mock.method(performance, 'now', () => nowMs);
    const widths = new PanelWidths();
    const { reads, read } = reader(300);
    assert.equal(await widths.fit('a', read), 250);
    assert.equal(await widths.fit('a', read), 250);
    assert.equal(await widths.fit('b', reader(1_000).read), 1_000);
    assert.deepEqual(reads, [1_000, 500, 250, 250]);
    nowMs += 5 * 60_000;
    await widths.fit('a', read);
    assert.equal(reads.at(4), 1_000);
  });

  it('gives up where not even ten points fit, and at another error', async () => {
    const widths = new PanelWidths();
    const { reads, read } = reader(0);
    await assert.rejects(widths.fit('a', read), ResultTooLarge);
    assert.deepEqual(reads, [1_000, 500, 250, 125, 62, 31, 15]);
    assert.equal(await widths.fit('a', reader(1_000).read), 1_000);
    const error = new Error('away');
    const failed = widths.fit('b', () => ({ points: 1_000, data: Promise.reject(error) }));
    await assert.rejects(failed, error);
  });
});
