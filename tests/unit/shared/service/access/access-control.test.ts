import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Fastify from 'fastify';
import { pino } from 'pino';
import { AccessControl } from '../../../../../src/shared/service/access/access-control.ts';
import { refuseForeignRequests } from '../../../../../src/shared/service/access/foreign-requests.ts';
import { digestOf, fullToken, type Token } from '../../../../../src/shared/service/access/tokens.ts';
import { WrongTokenLimit } from '../../../../../src/shared/service/access/wrong-token-limit.ts';

const reader: Token = { name: 'reader', digest: digestOf('read-me'), scopes: ['tasks:read'], labels: {} };

function build(tokens: readonly Token[], limit?: WrongTokenLimit) {
  const lines: string[] = [];
  const access = new AccessControl(
    tokens,
    pino({ level: 'info' }, { write: (line) => lines.push(line) }),
    limit,
  );
  const app = Fastify();
  app.get('/read', { onRequest: access.require('tasks:read') }, async ({ caller }) => caller?.name);
  app.get('/write', { onRequest: access.require('tasks:write') }, async ({ caller }) => caller?.name);
  const ask = async (url: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await app.inject({ url, headers });
    return [response.statusCode, response.statusCode === 200 ? response.body : response.json().code];
  };
  return { access, ask, lines };
}

describe('AccessControl', () => {
  it('lets everybody do everything where no token is configured', async () => {
    const { ask } = build([]);
    assert.deepEqual(await ask('/write'), [200, 'anonymous']);
    assert.deepEqual(await ask('/write', 'whatever'), [200, 'anonymous']);
  });

  it('lets a token do what its scopes say', async () => {
    const { ask } = build([fullToken('API_TOKEN', 'do-it-all'), reader]);
    assert.deepEqual(await ask('/read', 'read-me'), [200, 'reader']);
    assert.deepEqual(await ask('/write', 'read-me'), [403, 'ASDLC_FORBIDDEN']);
    assert.deepEqual(await ask('/write', 'do-it-all'), [200, 'API_TOKEN']);
    assert.deepEqual(await ask('/read'), [401, 'ASDLC_UNAUTHORIZED']);
    assert.deepEqual(await ask('/read', 'wrong'), [401, 'ASDLC_UNAUTHORIZED']);
  });

  it('goes by the new tokens as soon as they are replaced', async () => {
    const { access, ask } = build([reader]);
    access.replaceTokens([fullToken('next', 'next-token')]);
    assert.deepEqual(await ask('/read', 'read-me'), [401, 'ASDLC_UNAUTHORIZED']);
    assert.deepEqual(await ask('/read', 'next-token'), [200, 'next']);
  });

  it('refuses an address for a minute after 30 wrong tokens, and logs the first without the token', async () => {
    let now = 0;
    const { ask, lines } = build([reader], new WrongTokenLimit(() => now));
    for (let i = 0; i < 30; i += 1)
      assert.deepEqual(await ask('/read', `guess-${i}`), [401, 'ASDLC_UNAUTHORIZED']);
    assert.deepEqual(await ask('/read', 'guess-30'), [429, 'ASDLC_TOO_MANY_WRONG_TOKENS']);
    assert.deepEqual(await ask('/read', 'read-me'), [429, 'ASDLC_TOO_MANY_WRONG_TOKENS']);
    now = 60_000;
    assert.deepEqual(await ask('/read', 'read-me'), [200, 'reader']);
    for (let i = 0; i < 31; i += 1) await ask('/read', `guess-${i}`);
    assert.deepEqual(await ask('/read', 'read-me'), [200, 'reader'], 'a token that passed here before');
    assert.deepEqual(await ask('/read', 'guess-31'), [429, 'ASDLC_TOO_MANY_WRONG_TOKENS']);
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', /"address":"127\.0\.0\.1","route":"\/read".*wrong token/);
    assert.doesNotMatch(lines.join(), /guess/);
  });

  it('does not count a request without a token as a wrong one', async () => {
    const { ask } = build([reader]);
    for (let i = 0; i < 100; i += 1) await ask('/read');
    assert.deepEqual(await ask('/read', 'read-me'), [200, 'reader']);
  });
});

describe('refuseForeignRequests', () => {
  async function statusOf(
    headers: Record<string, string>,
    { method = 'POST', url = '/change', hasToken = false } = {},
  ) {
    const app = Fastify();
    refuseForeignRequests(app, { hasToken: () => hasToken, allowedHosts: 'other.example,asdlc.example' });
    app.all('/change', async () => 'done');
    app.post('/query', { config: { readOnly: true } }, async () => 'done');
    const { statusCode } = await app.inject({ method: method as 'POST', url, headers });
    return statusCode;
  }
  const host = 'localhost:8080';

  for (const [headers, status] of [
    [{ host }, 200],
    [{ host, origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' }, 200],
    [{ host, 'sec-fetch-site': 'none' }, 200],
    [{ host, origin: 'http://localhost:3000' }, 403],
    [{ host, origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }, 403],
    [{ host, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    [{ host, origin: 'null' }, 403],
    [{ host, origin: 'nonsense' }, 403],
    [{ host, 'sec-fetch-site': 'cross-site' }, 403],
    [{ host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' }, 403],
    [{ host: 'asdlc.example', origin: 'https://asdlc.example' }, 200],
    [{ host: '127.0.0.1:8080' }, 200],
    [{ host: '[::1]:8080' }, 200],
    [{ host: 'orchestrator:8080' }, 200],
    [{ host: 'a.localhost' }, 200],
    [{ host: 'localhost.evil.example' }, 403],
    [{ host: '127.0.0.1.evil.example' }, 403],
  ] as const) {
    it(`answers ${status} to a POST with ${JSON.stringify(headers)}`, async () => {
      assert.equal(await statusOf(headers), status);
    });
  }

  it('lets a foreign page read nothing by a name of its own, whatever the method', async () => {
    assert.equal(await statusOf({ host: 'evil.example' }, { method: 'GET' }), 403);
  });

  it('answers any name where a token is asked for, and still no foreign page', async () => {
    assert.equal(await statusOf({ host: 'public.example' }, { hasToken: true }), 200);
    const foreign = { host: 'public.example', origin: 'https://evil.example' };
    assert.equal(await statusOf(foreign, { hasToken: true }), 403);
  });

  it('leaves reading to CORS: also by POST where a route only reads', async () => {
    const foreign = { host, origin: 'https://grafana.example', 'sec-fetch-site': 'cross-site' };
    assert.equal(await statusOf(foreign, { method: 'GET' }), 200);
    assert.equal(await statusOf(foreign, { url: '/query' }), 200);
  });
});
