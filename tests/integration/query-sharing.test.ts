import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { faultyTsdb, rangePath, sendJson } from '../support/faulty-tsdb.ts';
import { request, sample, sum } from '../support/http.ts';
import { until } from '../support/until.ts';

describe('queries at the same time', () => {
  const tsdb = faultyTsdb({
    VICTORIAMETRICS_QUERY_TIMEOUT: '3',
    QUERY_CONCURRENCY: '1',
    QUERY_CORS_ORIGINS: 'https://a.example,https://b.example',
  });
  const endpoint = 'query_range';
  const metric = async (name: string) => (await sample(tsdb.url, name, { endpoint })) ?? 0;

  /** Sends the same query twice, the second when the first is at the TSDB. Returns both and the TSDB's response. */
  async function askTwice(query: string) {
    const { promise: asked, resolve } = Promise.withResolvers<ServerResponse>();
    tsdb.answer = (_, response) => resolve(response);
    const [arrived, coalesced] = [tsdb.arrived, await metric('asdlc_query_coalesced_total')];
    const callers = [new AbortController(), new AbortController()] as const;
    const ask = ({ signal }: AbortController) =>
      request(`${tsdb.url}${rangePath({ query })}`, { signal }).catch((error: Error) => error.name);
    const first = ask(callers[0]);
    const response = await asked;
    const second = ask(callers[1]);
    await until('the second joined', async () => {
      return (await metric('asdlc_query_coalesced_total')) === coalesced + 1;
    });
    assert.equal(tsdb.arrived, arrived + 1);
    return { callers, response, answers: [first, second] as const };
  }

  it('share one request when they are identical', async () => {
    const { response, answers } = await askTwice('shared');
    sendJson(response);
    for (const answer of await Promise.all(answers))
      assert.ok(typeof answer === 'object' && answer.status === 200);
  });

  for (const leaver of [0, 1] as const) {
    it(`go on for the other caller when the ${leaver === 0 ? 'first' : 'second'} one leaves`, async () => {
      const { callers, response, answers } = await askTwice(`left_${leaver}`);
      callers[leaver].abort();
      assert.equal(await answers[leaver], 'AbortError');
      await until('the orchestrator counts the one that left', async () => {
        const { body } = await request(`${tsdb.url}/metrics`);
        return body.match(/^asdlc_query_requests_total\{.*code="499"\} (\d+)/m)?.[1] === `${leaver + 1}`;
      });
      assert.equal(response.destroyed, false);
      sendJson(response);
      const stayed = await answers[(1 - leaver) as 0 | 1];
      assert.ok(typeof stayed === 'object' && stayed.status === 200);
    });
  }

  it('end at the TSDB when all callers have left, and the next query runs', async () => {
    const { callers, response, answers } = await askTwice('all_left');
    for (const caller of callers) caller.abort();
    await Promise.all(answers);
    await until('the request at the TSDB is aborted', () => response.destroyed);
    tsdb.answer = (_, next) => sendJson(next);
    assert.equal((await request(`${tsdb.url}${rangePath({ query: 'all_left' })}`)).status, 200);
    assert.equal(await sample(tsdb.url, 'asdlc_query_in_flight'), 0);
  });

  it('all get a body that is too large to be buffered', async () => {
    const { response, answers } = await askTwice('large');
    const data = 'x'.repeat(3_000_000);
    sendJson(response, JSON.stringify({ status: 'success', data }));
    for (const answer of await Promise.all(answers)) {
      assert.ok(typeof answer === 'object' && answer.body.data === data);
    }
  });

  it('get 503 with Retry-After when more than may run and wait', async () => {
    const responses: ServerResponse[] = [];
    tsdb.answer = (_, response) => void responses.push(response);
    const asked = Array.from({ length: 12 }, (_, i) =>
      request(`${tsdb.url}${rangePath({ query: `t${i}` })}`),
    );
    await until('one is at the TSDB, eight wait, three are refused', async () => {
      return (await sum(tsdb.url, 'asdlc_query_rejected_total', { reason: 'queue_full' })) === 3;
    });
    tsdb.answer = (_, response) => sendJson(response);
    for (const response of responses) sendJson(response);
    const answers = await Promise.all(asked);
    assert.equal(answers.filter(({ status }) => status === 200).length, 9);
    const refused = answers.filter(({ status }) => status === 503);
    assert.equal(refused.length, 3);
    for (const { headers, body } of refused) {
      assert.deepEqual([body.errorType, headers.get('retry-after')], ['unavailable', '5']);
    }
  });

  it('get a Vary header, also on pages of other origins', async () => {
    tsdb.answer = (_, response) => sendJson(response);
    const headers = { origin: 'https://b.example' };
    const answer = await request(`${tsdb.url}${rangePath()}`, { headers });
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://b.example');
    assert.match(answer.headers.get('vary') ?? '', /^origin, accept-encoding, authorization$/i);
    assert.match(answer.headers.get('access-control-expose-headers') ?? '', /retry-after/i);
  });
});
