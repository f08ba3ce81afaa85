import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTraceparent, validTraceparent, validTracestate } from '../../../src/shared/trace-context.ts';

const IDS = '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331';

describe('validTraceparent', () => {
  it('returns a traceparent of version 00 unchanged', () => {
    assert.equal(validTraceparent(`00-${IDS}-01`), `00-${IDS}-01`);
    assert.equal(validTraceparent(`00-${IDS}-02`), `00-${IDS}-02`);
  });

  it('keeps the ids and the sampled flag of a later version', () => {
    assert.equal(validTraceparent(`01-${IDS}-03`), `00-${IDS}-01`);
    assert.equal(validTraceparent(`fe-${IDS}-fe-what-ever`), `00-${IDS}-00`);
  });

  it('returns undefined for any other text', () => {
    const zeroes = `${'0'.repeat(32)}-b7ad6b7169203331`;
    const wrong = [
      undefined,
      ['a'],
      '',
      `00-${IDS}-01-more`,
      `01-${IDS}-01more`,
      `01-${IDS}-0`,
      `ff-${IDS}-01`,
      `00-${zeroes}-01`,
      `01-${zeroes}-01`,
      `00-${IDS.toUpperCase()}-01`,
    ];
    for (const header of wrong) assert.equal(validTraceparent(header), undefined, String(header));
  });

  it('returns what parseTraceparent can parse', () => {
    const [traceId, spanId] = IDS.split('-');
    const later = parseTraceparent(validTraceparent(`cc-${IDS}-01-more`));
    assert.deepEqual(later, { traceId, spanId, traceFlags: 1 });
  });
});

describe('validTracestate', () => {
  it('returns a header of at most 512 printable characters, else undefined', () => {
    assert.equal(validTracestate('vendor=a,other=b'), 'vendor=a,other=b');
    for (const header of [undefined, '', 'a=\n', 'a=é', 'a'.repeat(513)])
      assert.equal(validTracestate(header), undefined, String(header));
  });
});
