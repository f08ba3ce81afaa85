import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { createConsumerRedis } from '../../../../src/shared/queue/connections.ts';
import { locateRedis } from '../../../../src/shared/redis-server.ts';
import { createLogger } from '../../../../src/shared/service/logging.ts';
import { until } from '../../../support/until.ts';

/** The server here replies as the test says. A real Redis would not fail at the wanted moment. */
describe('the observer of a Redis connection', () => {
  const told: string[] = [];
  const sockets = new Set<Socket>();
  const held: Socket[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      for (const [, name = ''] of data.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
        const command = name.toLowerCase();
        if (command === 'get') socket.write('$1\r\n1\r\n');
        else if (command === 'lpush') socket.write('-OOM command not allowed\r\n');
        else if (command === 'blpop') socket.write('*-1\r\n');
        else if (command === 'echo') held.push(socket);
        else if (command === 'info') socket.write('$9\r\nloading:0\r\n');
        else socket.write('+OK\r\n');
      }
    });
  });
  let redis: Redis;

  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number }; // a TCP server has one
    redis = createConsumerRedis({
      server: locateRedis({ REDIS_URL: `redis://127.0.0.1:${port}`, REDIS_MODE: 'single' }),
      logger: createLogger({ service: 'test', level: 'silent' }),
      observer: {
        commandEnded: (operation, seconds) => told.push(`${operation} ended ${seconds >= 0 && seconds < 60}`),
        commandFailed: (operation) => told.push(`${operation} failed`),
        reconnected: () => told.push('reconnected'),
      },
    });
    await once(redis, 'ready');
  });
  after(() => {
    redis.disconnect();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  /** Returns what the observer was told during `work`, without the commands that ioredis sends by itself. */
  async function toldOf(work: () => Promise<unknown>): Promise<string[]> {
    told.length = 0;
    await work();
    return told.filter((line) => !/^(info|client|hello|select)/.test(line));
  }

  it('sends the commands of one turn of the event loop together', async (t) => {
    const { stream } = redis as unknown as { stream: { _write(): void; _writev(): void } }; // Node's types have less
    const alone = t.mock.method(stream, '_write');
    const together = t.mock.method(stream, '_writev');
    const first = Promise.resolve().then(() => redis.get('a'));
    await Promise.all([first, redis.get('b'), first.then(() => redis.get('c'))]);
    assert.deepEqual([together.mock.callCount(), alone.mock.callCount()], [1, 1]);
  });

  it('sends at most four together, so that the server begins before all are there', async (t) => {
    const { stream } = redis as unknown as { stream: { _write(): void; _writev(): void } }; // as above
    const alone = t.mock.method(stream, '_write');
    const together = t.mock.method(stream, '_writev');
    await Promise.all(Array.from({ length: 9 }, () => redis.get('a')));
    assert.deepEqual([together.mock.callCount(), alone.mock.callCount()], [2, 1]);
  });

  it('is told the duration of each command, and each failure once', async () => {
    assert.deepEqual(await toldOf(() => redis.get('a')), ['get ended true']);
    const refused = await toldOf(() => assert.rejects(redis.lpush('a', 'b'), /OOM/));
    assert.deepEqual(refused, ['lpush failed', 'lpush ended true']);
  });

  it('is told no duration of a blocking command, and no name that is not a command of Redis', async () => {
    assert.deepEqual(await toldOf(() => redis.blpop('a', 1)), []);
    assert.deepEqual(await toldOf(() => redis.call('made_up')), ['other ended true']);
  });

  it('is told once of a command that ioredis sends again after a reconnect', async () => {
    const lines = await toldOf(async () => {
      const answer = redis.echo('again');
      (await until('it is sent', () => held.pop())).destroy();
      (await until('it is sent again', () => held.pop())).write('$5\r\nagain\r\n');
      assert.equal(await answer, 'again');
    });
    assert.deepEqual(lines, ['reconnected', 'echo ended true']);
  });
});
