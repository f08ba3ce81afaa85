import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { auditChanges } from '../../../../../src/shared/service/access/audit.ts';
import { ANONYMOUS } from '../../../../../src/shared/service/access/tokens.ts';
import { createHttpServer } from '../../../../../src/shared/service/http-server.ts';
import { RawConnection } from '../../../../support/raw-http.ts';

/** A service whose route tells of its start and waits for `end`, with a client of it. */
async function startAudited(t: TestContext) {
  const written = Promise.withResolvers<string>();
  const counted = Promise.withResolvers<string>();
  const write = (line: string) => {
    if (line.includes('"audit"')) written.resolve(line);
  };
  const app = createHttpServer(pino({ level: 'info' }, { write }));
  const [started, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  auditChanges(app, (_, result) => counted.resolve(result));
  app.addHook('onRequest', async (request) => {
    request.caller = ANONYMOUS;
  });
  app.post('/pause', { config: { action: 'queue.pause' } }, async (request) => {
    request.audited = { queue: 'tasks' };
    started.resolve();
    await end.promise;
    return {};
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => app.close());
  const client = await RawConnection.open((app.server.address() as AddressInfo).port);
  t.after(() => client.close());
  const audited = async () => {
    const { status, address, queue } = JSON.parse(await written.promise);
    return { status, address, queue, result: await counted.promise };
  };
  return { app, client, started: started.promise, end: end.resolve, audited };
}

const HEAD = 'POST /pause HTTP/1.1\r\nHost: a\r\n';

describe('the audit line of a client that leaves before its answer', () => {
  it('says what the route did, once it has done it', async (t) => {
    const { app, client, started, end, audited } = await startAudited(t);
    const gone = once(app.server, 'request').then(([, response]) => once(response, 'close'));
    await client.send([`${HEAD}\r\n`]);
    await started;
    client.close();
    await gone;
    end();
    assert.deepEqual(await audited(), { status: 200, address: '127.0.0.1', queue: 'tasks', result: 'done' });
  });

  it('says 499 where the body had not come, so that nothing was done', async (t) => {
    const { app, client, audited } = await startAudited(t);
    const asked = once(app.server, 'request');
    await client.send([`${HEAD}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`]);
    await asked;
    client.close();
    assert.deepEqual(await audited(), {
      status: 499,
      address: '127.0.0.1',
      queue: undefined,
      result: 'refused',
    });
  });
});
