import { setMaxListeners } from 'node:events';
import { withoutCredentials } from '../shared/config.ts';
import { interrupted, processDied } from './command-line/errors.ts';
import { shownSeconds, type Terminal } from './command-line/terminal.ts';
import type { DataFolder } from './processes/data-folder.ts';
import { LogFollower } from './processes/log-follower.ts';
import { lastLines } from './processes/log-lines.ts';
import { type ManagedProcess, type ProcessPlan, startProcess } from './processes/managed-process.ts';
import { identifyProcess } from './processes/process-identity.ts';
import { type Server, waitUntilReady } from './servers/server.ts';

/** After one process has died, the others cannot finish their work properly. They get less time to stop. */
const BROKEN_STOP_LIMIT_MS = 5_000;

/**
 * Starts, watches and stops the child processes of one `npm start`. The first death of a child, or `interrupt`, ends
 * the stack: from then on nothing starts. `stop` ends the children, the last started first.
 */
export class ProcessSupervisor {
  readonly #folder: DataFolder;
  readonly #terminal: Terminal;
  readonly #end = new AbortController();
  readonly #processes: ManagedProcess[] = [];
  readonly #followers: LogFollower[] = [];
  #isUp = false;
  #isBroken = false;
  #stopping = false;

  constructor(folder: DataFolder, terminal: Terminal) {
    this.#folder = folder;
    this.#terminal = terminal;
    setMaxListeners(0, this.#end.signal);
  }

  /** Starts, in this order, the servers that have a plan, then waits until all servers are ready. */
  async startServers(servers: readonly Server[]): Promise<void> {
    const plans = servers.flatMap(({ plan }) => plan ?? []);
    if (plans.length > 0) this.#terminal.line(`starting ${plans.map(({ name }) => name).join(', ')} …`);
    for (const plan of plans) await this.start(plan);
    await Promise.all(servers.map((server) => this.#becomesReady(server)));
  }

  /** Starts one process. Throws the reason when the stack has ended, or that the program cannot be run. */
  async start(plan: ProcessPlan): Promise<void> {
    this.#end.signal.throwIfAborted();
    const started = await startProcess(plan);
    this.#processes.push(started);
    const identity = identifyProcess(started.pid);
    if (identity) this.#folder.record({ ...identity, name: plan.name });
    void started.exited.then((how) => {
      this.#folder.forget(started.pid);
      if (this.#stopping) return;
      this.#isBroken = true;
      this.#end.abort(this.#died(started, how));
    });
    if (!plan.isNodeService) return;
    const warn = (text: string) => this.#terminal.line(`${plan.name} | ${text}`);
    this.#followers.push(new LogFollower(plan.logPath, warn));
  }

  async #becomesReady(server: Server): Promise<void> {
    const startedAt = performance.now();
    await waitUntilReady(server, this.#end.signal, (text) => this.#terminal.line(text));
    this.#terminal.ready(server.name, withoutCredentials(server.url), performance.now() - startedAt);
  }

  /** Call it when everything has started. It rejects with the reason when the stack ends. */
  ended(): Promise<never> {
    this.#isUp = true;
    const { signal } = this.#end;
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  interrupt(): void {
    this.#end.abort(interrupted('The user stopped the local stack.'));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.interrupt();
    const running = this.#processes.filter(({ isRunning }) => isRunning);
    if (running.length > 0) this.#terminal.line('stopping …');
    for (const started of running.toReversed()) await this.#stopOne(started);
    for (const follower of this.#followers) follower.close();
  }

  /** Kills at once every child that still runs. */
  kill(): void {
    this.#stopping = true;
    for (const started of this.#processes) started.kill();
  }

  async #stopOne(running: ManagedProcess): Promise<void> {
    const startedAt = performance.now();
    const how = await running.stop(this.#isBroken ? BROKEN_STOP_LIMIT_MS : Number.POSITIVE_INFINITY);
    const tookMs = performance.now() - startedAt;
    const unclean = how === 'exit code 0' ? '' : ` (${how}; log: ${this.#shownLog(running)})`;
    this.#terminal.line(`  ${running.plan.name} stopped after ${shownSeconds(tookMs)}${unclean}`);
  }

  /** A process that cannot start says why in its last log lines. One that dies later does not. */
  #died(dead: ManagedProcess, how: string): Error {
    const what = `${dead.plan.name} ended with ${how}`;
    if (this.#isUp) return processDied(`${what}; log: ${this.#shownLog(dead)}`);
    const lines = lastLines(dead.plan.logPath, 5).map((line) => `\n    ${line}`);
    return processDied(`${what} during the start; log: ${this.#shownLog(dead)}${lines.join('')}`);
  }

  #shownLog({ plan }: ManagedProcess): string {
    return this.#folder.shown(plan.logPath);
  }
}
