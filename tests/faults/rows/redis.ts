import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { until } from '../../support/until.ts';
import type { WholeSystem } from '../history/whole-system.ts';
import type { FaultRow } from './fault-row.ts';
import { showOutage } from './outage.ts';

const killed = (forSeconds: number): FaultRow => ({
  fault: `Redis is killed and away for ${forSeconds} s`,
  promise:
    '503 in under 100 ms; not ready within 5 s; live; no process ends; the first task begins within 2 s of its return; nothing accepted is lost; few log lines',
  show: (scope) =>
    showOutage(scope, {
      holdMs: forSeconds * 1_000,
      breakRedis: ({ redis }) => redis.stop('SIGKILL'),
      mendRedis: (system) => system.startRedisAgain(),
      usualRefusedMs: 100,
      refusedMs: 2_100,
      resumedMs: 2_000,
    }),
});

/** Redis cannot put its file in the place of a folder. It then refuses to write. */
const blockedFile = async ({ admin }: WholeSystem) =>
  join(String((await admin.config('GET', 'dir')).at(1)), 'dump.rdb');

async function failToSave(system: WholeSystem): Promise<void> {
  await mkdir(join(await blockedFile(system), 'in the way'), { recursive: true });
  await untilSaved(system, 'err');
}

async function saveAgain(system: WholeSystem): Promise<void> {
  await rm(await blockedFile(system), { recursive: true });
  await untilSaved(system, 'ok');
}

async function untilSaved({ admin }: WholeSystem, result: 'ok' | 'err'): Promise<void> {
  await admin.bgsave();
  await until(`saving ends with ${result}`, async () =>
    (await admin.info('persistence')).includes(`last_bgsave_status:${result}`),
  );
}

async function endScript({ redis }: WholeSystem): Promise<void> {
  const killer = new Redis(redis.url, { enableReadyCheck: false });
  await killer.script('KILL');
  killer.disconnect();
}

export const REDIS_ROWS: readonly FaultRow[] = [
  killed(60),
  killed(30),
  killed(10),
  {
    fault: 'Redis is stopped (SIGSTOP) for 20 s',
    promise:
      'POST gets 503 within 2.1 s; sent again under its key, a task is one task; work resumes within 20 s; `/metrics` within 1.5 s with `asdlc_redis_connection_up` 0',
    show: (scope) =>
      showOutage(scope, {
        holdMs: 20_000,
        breakRedis: async ({ redis }) => redis.child.kill('SIGSTOP'),
        mendRedis: async ({ redis }) => redis.child.kill('SIGCONT'),
        refusedMs: 2_100,
        resumedMs: 20_000,
      }),
  },
  {
    fault: 'The open connections to Redis fall silent',
    promise:
      'POST gets 503 within 2.1 s; the connections are replaced, and work resumes within 20 s; no task is lost',
    show: (scope) =>
      showOutage(scope, {
        holdMs: 0,
        breakRedis: async ({ services }) => {
          for (const { proxy } of services) proxy.swallow();
        },
        mendRedis: async () => undefined, // new connections pass
        refusedMs: 2_100,
        resumedMs: 20_000,
      }),
  },
  {
    fault: 'Redis is out of memory for 8 s',
    promise:
      'POST gets 503, with the reason in ready and in the log; recovery by itself; no task is lost or dead of it',
    show: (scope) =>
      showOutage(scope, {
        holdMs: 8_000,
        breakRedis: ({ admin }) => admin.config('SET', 'maxmemory', '1'),
        mendRedis: ({ admin }) => admin.config('SET', 'maxmemory', '0'),
        reason: /OOM/,
        refusedMs: 2_100,
        resumedMs: 5_000,
      }),
  },
  {
    fault: 'Redis cannot save to its disk (MISCONF) for 8 s',
    promise:
      'POST gets 503, with the reason in ready and in the log; recovery by itself; no task is lost or dead of it',
    show: (scope) =>
      showOutage(scope, {
        redisArgs: ['--save', '3600 1'],
        holdMs: 8_000,
        breakRedis: failToSave,
        mendRedis: saveAgain,
        reason: /MISCONF/,
        refusedMs: 2_100,
        resumedMs: 5_000,
      }),
  },
  {
    fault: 'A script keeps Redis busy for 8 s',
    promise:
      'POST gets 503, with the reason in ready and in the log; recovery by itself; no task is lost or dead of it',
    show: (scope) =>
      showOutage(scope, {
        holdMs: 8_000,
        breakRedis: async ({ admin }) => {
          await admin.config('SET', 'lua-time-limit', '50');
          void admin.eval('while true do end', 0).catch(() => undefined); // it ends by SCRIPT KILL
        },
        mendRedis: endScript,
        reason: /BUSY/,
        refusedMs: 2_100,
        resumedMs: 5_000,
      }),
  },
  {
    fault: 'The password of Redis changes for 8 s',
    promise:
      'POST gets 503, with the reason in ready and in the log; recovery by itself; no task is lost or dead of it',
    show: (scope) =>
      showOutage(scope, {
        holdMs: 8_000,
        breakRedis: async ({ admin }) => {
          await admin.config('SET', 'requirepass', 'another');
          await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        },
        mendRedis: ({ admin }) => admin.config('SET', 'requirepass', ''),
        reason: /NOAUTH/,
        refusedMs: 2_100,
        resumedMs: 5_000,
      }),
  },
];
