import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseRedisUrl, REDIS_MODES, RedisUrlError, shownAddress } from '../../../src/shared/redis-url.ts';

const plain = { socketPath: undefined, username: undefined, password: undefined, database: 0, isTls: false };
const secret = 'p@/?#:% ü';

describe('parseRedisUrl', () => {
  it('reads host, port, user, password, database and TLS', () => {
    assert.deepEqual(parseRedisUrl('redis://a'), { ...plain, hosts: [{ host: 'a', port: 6379 }] });
    assert.deepEqual(parseRedisUrl('rediss://me:secret@[::1]:7000/15'), {
      ...plain,
      hosts: [{ host: '::1', port: 7000 }],
      username: 'me',
      password: 'secret',
      database: 15,
      isTls: true,
    });
  });

  it('reads the socket and its database', () => {
    const expected = { ...plain, hosts: [], socketPath: '/run/my redis.sock', password: 'x', database: 3 };
    assert.deepEqual(parseRedisUrl('unix://:x@/run/my%20redis.sock?db=3'), expected);
  });

  it('reads several hosts with the port that the mode has', () => {
    const hosts = (port: number) => ['a', 'b'].map((host) => ({ host, port }));
    assert.deepEqual(parseRedisUrl('redis://a,b', 'cluster').hosts, hosts(6379));
    assert.deepEqual(parseRedisUrl('redis://a,b/2', 'sentinel').hosts, hosts(26379));
  });

  it('reads any user and password that is percent-encoded', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.string({ minLength: 1 }),
        (user, pass) => {
          const url = `redis://${encodeURIComponent(user)}:${encodeURIComponent(pass)}@a/1`;
          const { username, password, hosts, database } = parseRedisUrl(url);
          assert.deepEqual([username, password, hosts[0]?.host, database], [user, pass, 'a', 1]);
        },
      ),
    );
  });

  for (const [url, part] of [
    ['http://a', /redis:\/\//],
    ['a:6379', /redis:\/\//],
    ['redis:///run/redis.sock', /unix:\/\/\/path/],
    ['redis://', /host/],
    ['redis://a/abc', /database that is a whole number/],
    ['redis://a/1.5', /database/],
    ['redis://a/-1', /database/],
    ['redis://a/1/2', /database/],
    ['redis://a/99999999999', /database/],
    ['redis://a?db=1', /no options/],
    ['redis://a/1?family=6', /no options/],
    ['redis://a/1#b', /fragment/],
    ['redis://:100%@a', /%25/],
    ['redis://:%zz@a', /%25/],
    ['redis://:%ff@a', /% and two/],
    ['redis://secret@a', /:password@/],
    ['redis://a:0', /port/],
    ['redis://a:65536', /port/],
    ['redis://a:b', /port/],
    ['redis://a b', /host/],
    ['redis://a,b', /one host/],
    ['redis://a,', /host/],
    ['unix://a/run/redis.sock', /three slashes/],
    ['unix:///', /path of a socket/],
    ['unix:///a?x=1', /but db/],
    ['unix:///a?db=x', /database/],
  ] as const) {
    it(`refuses ${url} by the part that is wrong`, () => {
      assert.throws(
        () => parseRedisUrl(url),
        (error: Error) => error instanceof RedisUrlError && part.test(error.message),
      );
    });
  }

  it('refuses what the mode cannot have', () => {
    assert.throws(() => parseRedisUrl('redis://a/1', 'cluster'), /cluster has only 0/);
    for (const mode of ['cluster', 'sentinel'] as const)
      assert.throws(() => parseRedisUrl('unix:///a', mode), /hosts/);
  });

  it('never shows what it refuses, and throws nothing else', () => {
    const text = fc.oneof(fc.string(), fc.webUrl(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(
        text,
        fc.constantFrom(...REDIS_MODES),
        fc.constantFrom('redis://', 'unix://', ''),
        (rest, mode, scheme) => {
          try {
            parseRedisUrl(`${scheme}${rest}`, mode);
          } catch (error) {
            assert.ok(error instanceof RedisUrlError);
          }
        },
      ),
    );
    assert.throws(
      () => parseRedisUrl(`redis://:${secret}@a`),
      (error: Error) => !error.message.includes('p@'),
    );
  });
});

describe('shownAddress', () => {
  it('leaves user and password out, and reads as the same address', () => {
    for (const url of ['redis://a:1', 'rediss://[::1]:7/2', 'unix:///run/a.sock', 'unix:///run/a.sock?db=2'])
      assert.equal(shownAddress(parseRedisUrl(url)), url);
    assert.equal(shownAddress(parseRedisUrl('redis://u:p@a,b:2', 'cluster')), 'redis://a:6379,b:2');
  });
});
