import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { choosePort, reachableHost, requirePort } from '../../../../src/local-stack/servers/free-port.ts';

test('returns the required port when it is free, and any free port for 0', async (t) => {
  const port = await listen(t, '127.0.0.1');
  const free = await requirePort('127.0.0.1', 0, 'A_PORT');
  assert.ok(free > 0 && free !== port);
  assert.equal(await requirePort('127.0.0.1', free, 'A_PORT'), free);
});

for (const host of ['127.0.0.1', '0.0.0.0']) {
  test(`names the variable when another program uses the port on ${host}`, async (t) => {
    const port = await listen(t, host);
    await assert.rejects(requirePort('127.0.0.1', port, 'WORKERS_PORT'), {
      code: 'ASDLC_PORT_TAKEN',
      message: `WORKERS_PORT: another program uses port ${port} on 127.0.0.1. To choose another port: WORKERS_PORT=${port + 10} npm start`,
    });
  });
}

test('says why it cannot listen on an address of another machine', async () => {
  await assert.rejects(
    requirePort('192.0.2.1', 8080, 'ORCHESTRATOR_PORT'),
    /ORCHESTRATOR_PORT: cannot listen on port 8080 of 192\.0\.2\.1 \(EADDRNOTAVAIL\)/,
  );
});

test('chooses another port when the usual one is in use or must be avoided', async (t) => {
  const taken = await listen(t, '127.0.0.1');
  assert.notEqual(await choosePort('127.0.0.1', taken, []), taken);
  const free = await requirePort('127.0.0.1', 0, 'A_PORT');
  assert.equal(await choosePort('127.0.0.1', free, []), free);
  assert.notEqual(await choosePort('127.0.0.1', free, [free]), free);
});

test('returns a host that reaches a server listening on all addresses', () => {
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
