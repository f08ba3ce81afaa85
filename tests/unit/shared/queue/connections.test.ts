import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { createConsumerRedis } from '../../../../src/shared/queue/connections.ts';
import { createLogger } from '../../../../src/shared/service/logging.ts';
import { until } from '../../../support/until.ts';

/** Answers each command as the test says, which no real Redis would at the moment it is wanted. */
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
      url: `redis://127.0.0.1:${port}`,
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

  /** What it was told meanwhile, but for what ioredis asks by itself. */
  async function toldOf(work: () => Promise<unknown>): Promise<string[]> {
    told.length = 0;
    await work();
    return told.filter((line) => !/^(info|client|hello|select)/.test(line));
  }

  it('is told how long each command took, well or not, and of its failure once', async () => {
    assert.deepEqual(await toldOf(() => redis.get('a')), ['get ended true']);
    const refused = await toldOf(() => assert.rejects(redis.lpush('a', 'b'), /OOM/));
    assert.deepEqual(refused, ['lpush failed', 'lpush ended true']);
  });

  it('is told of no duration of what waits for work, and of no name that Redis does not have', async () => {
    assert.deepEqual(await toldOf(() => redis.blpop('a', 1)), []);
    assert.deepEqual(await toldOf(() => redis.call('made_up')), ['other ended true']);
  });

  it('is told once of a command that is sent again on another connection', async () => {
    const lines = await toldOf(async () => {
      const answer = redis.echo('again');
      (await until('it is sent', () => held.pop())).destroy();
      (await until('it is sent again', () => held.pop())).write('$5\r\nagain\r\n');
      assert.equal(await answer, 'again');
    });
    assert.deepEqual(lines, ['reconnected', 'echo ended true']);
  });
});
