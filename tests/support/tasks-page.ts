import { before, type TestContext } from 'node:test';
import type { Redis } from 'ioredis';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { type OpenPage, openPage, startBrowser } from './browser.ts';
import { type Answer, request, runTask } from './http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from './processes.ts';
import { adminOf } from './redis-servers.ts';
import { suiteScope } from './scope.ts';

export interface TasksPage {
  browser: Browser;
  redis: RunningServer;
  orchestrator: RunningServer;
  admin: Redis;
  /** Opens a path of the orchestrator in a new browser context. */
  open(t: TestContext, path: string, options?: BrowserContextOptions): Promise<OpenPage>;
  /** What the API says of a task. */
  taskAt(id: string): Promise<Answer['body']>;
}

/** Starts a browser and a system without a TSDB for the suite in whose body it is called. 60 tasks are completed, one is dead. */
export function tasksPage(): TasksPage {
  const scope = suiteScope();
  const system = {
    open: (t, path, options = {}) =>
      openPage(t, system.browser, `${system.orchestrator.url}${path}`, options),
    taskAt: async (id) => (await request(`${system.orchestrator.url}/api/tasks/${id}`)).body,
  } as TasksPage; // the rest is set before the first test
  before(async () => {
    const [browser, redis] = await Promise.all([startBrowser(scope), startRedis(scope)]);
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' };
    const [orchestrator] = await Promise.all([startOrchestrator(scope, env), startWorkers(scope, env)]);
    for (let i = 0; i < 60; i++) await runTask(orchestrator.url, { event_type: 'echo', payload: { i } });
    await runTask(orchestrator.url, { event_type: 'fail', max_attempts: 1 });
    Object.assign(system, { browser, redis, orchestrator, admin: adminOf(scope, redis.url) });
  });
  return system;
}
