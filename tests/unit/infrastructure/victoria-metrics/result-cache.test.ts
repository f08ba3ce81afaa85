import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ResultCache } from '../../../../src/infrastructure/victoria-metrics/result-cache.ts';

/** Offers a response twice: the cache keeps it at the second time. */
function keep(cache: ResultCache, key: string, response: { gzip: boolean; body: Buffer[] }): void {
  for (let i = 0; i < 2; i++) cache.keep(key, response);
}

const response = (size: number) => ({ gzip: false, body: [Buffer.alloc(size)] });

describe('ResultCache', () => {
  it('returns a response until it expires, with the time that is left', (t) => {
    let nowMs = 1_000;
    t.mock.method(performance, 'now', () => nowMs);
    const cache = new ResultCache(40);
    keep(cache, 'a', response(3));
    const kept = cache.get('a');
    assert.deepEqual(kept?.body, [Buffer.alloc(3)]);
    assert.equal(kept?.keptForMs, 40);
    nowMs += 39;
    keep(cache, 'a', response(4)); // does not make it younger
    assert.equal(cache.get('a')?.keptForMs, 1);
    nowMs += 1;
    assert.equal(cache.get('a'), undefined);
    keep(cache, 'a', response(5));
    const { body } = cache.get('a') ?? {};
    assert.deepEqual(body, [Buffer.alloc(5)]);
  });

  it('copies the pieces of a body out of larger buffers, into one', () => {
    const cache = new ResultCache(1_000);
    const [one, other] = ['one', 'other'].map((text) => Buffer.from(`xx${text}xx`).subarray(2, -2));
    keep(cache, 'a', { gzip: true, body: [one ?? Buffer.of(), other ?? Buffer.of()] });
    const { body = [], gzip } = cache.get('a') ?? {};
    assert.deepEqual([gzip, body.length, `${body[0]}`, body[0]?.buffer.byteLength], [true, 1, 'oneother', 8]);
  });

  it('drops the oldest responses when they exceed 32 MiB together', () => {
    const cache = new ResultCache(60_000);
    for (let i = 0; i < 160; i++) keep(cache, `${i}`, response(256 * 1024));
    assert.ok(cache.sizeBytes <= 32 * 1024 * 1024 && cache.sizeBytes > 30 * 1024 * 1024);
    assert.equal(cache.get('0'), undefined);
    assert.notEqual(cache.get('159'), undefined);
  });

  it('keeps no response over 256 KiB', () => {
    const cache = new ResultCache(60_000);
    keep(cache, 'a', response(256 * 1024 + 1));
    assert.equal(cache.get('a'), undefined);
  });

  it('drops expired responses when it keeps the next one', (t) => {
    let nowMs = 1_000;
    t.mock.method(performance, 'now', () => nowMs);
    const cache = new ResultCache(20);
    for (let i = 0; i < 4; i++) keep(cache, `${i}`, response(10_000));
    nowMs += 20;
    keep(cache, 'next', response(1));
    assert.ok(cache.sizeBytes < 1_000);
  });

  it('keeps a response at its second time, with up to 999 other keys between', () => {
    const cache = new ResultCache(60_000);
    cache.keep('a', response(1));
    for (let i = 0; i < 999; i++) cache.keep(`${i}`, response(1));
    assert.equal(cache.sizeBytes, 0);
    cache.keep('a', response(1));
    assert.notEqual(cache.get('a'), undefined);
  });

  it('keeps nothing when its time is 0', () => {
    const cache = new ResultCache(0);
    keep(cache, 'a', response(1));
    assert.equal(cache.get('a'), undefined);
  });
});
