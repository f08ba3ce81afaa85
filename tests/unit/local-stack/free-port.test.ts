import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { choosePort, reachableHost, requirePort } from '../../../src/local-stack/free-port.ts';

test('returns a required port that is free, and any free one for 0', async (t) => {
  const port = await listen(t, '127.0.0.1');
  const free = await requirePort('127.0.0.1', 0, 'A_PORT');
  assert.ok(free > 0 && free !== port);
  assert.equal(await requirePort('127.0.0.1', free, 'A_PORT'), free);
});

for (const host of ['127.0.0.1', '0.0.0.0']) {
  test(`names the variable of a port that is taken on ${host}`, async (t) => {
    const port = await listen(t, host);
    await assert.rejects(requirePort('127.0.0.1', port, 'WORKERS_PORT'), {
      code: 'ASDLC_PORT_TAKEN',
      message: `WORKERS_PORT: port ${port} on 127.0.0.1 is taken by another program. Free it, or choose another: WORKERS_PORT=${port + 10} npm start`,
    });
  });
}

test('says that an address is none of this machine', async () => {
  await assert.rejects(requirePort('192.0.2.1', 8080, 'ORCHESTRATOR_PORT'), /EADDRNOTAVAIL/);
});

test('takes another port when the usual one is taken or to be avoided', async (t) => {
  const taken = await listen(t, '127.0.0.1');
  assert.notEqual(await choosePort('127.0.0.1', taken, []), taken);
  const free = await requirePort('127.0.0.1', 0, 'A_PORT');
  assert.equal(await choosePort('127.0.0.1', free, []), free);
  assert.notEqual(await choosePort('127.0.0.1', free, [free]), free);
});

test('tells how a server that listens on all addresses is reached', () => {
  assert.equal(reachableHost('0.0.0.0'), '127.0.0.1');
  assert.equal(reachableHost('::'), '[::1]');
  assert.equal(reachableHost('::1'), '[::1]');
  assert.equal(reachableHost('192.0.2.1'), '192.0.2.1');
});

async function listen(t: TestContext, host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as { port: number }).port; // a TCP server has one
}
