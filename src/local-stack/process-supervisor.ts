import { setMaxListeners } from 'node:events';
import { withoutCredentials } from '../shared/config.ts';
import { interrupted, processDied } from './command-line/errors.ts';
import { shownSeconds, type Terminal } from './command-line/terminal.ts';
import type { DataFolder } from './processes/data-folder.ts';
import { LogFollower } from './processes/log-follower.ts';
import { keepEarlierLog } from './processes/log-rotation.ts';
import { type ManagedProcess, type ProcessPlan, startProcess } from './processes/managed-process.ts';
import { identifyProcess } from './processes/process-identity.ts';
import { keepReloading } from './reload/keep-reloading.ts';
import { SourceWatch } from './reload/source-watch.ts';
import { keepRunning, type RestartContext, shownLastLines } from './server-restarts.ts';
import { type Server, waitUntilReady } from './servers/server.ts';

/** After one process has died, the others cannot finish their work properly. They get less time to stop. */
const BROKEN_STOP_LIMIT_MS = 5_000;

/**
 * Starts, watches and stops the child processes of one `npm start`. It starts Redis and VictoriaMetrics again when they
 * die after they were ready, and the workers when their handlers change too. The death of any other child ends the
 * stack, and so does the user: from then on nothing starts. `stop` ends the children, the last started first.
 */
export class ProcessSupervisor {
  readonly #folder: DataFolder;
  readonly #terminal: Terminal;
  readonly #end = new AbortController();
  /** By name, in the order of the first start. A restarted process keeps its place, so that Redis stops last. */
  readonly #processes = new Map<string, ManagedProcess>();
  readonly #followers: LogFollower[] = [];
  readonly #wereReady = new Set<Server>();
  #isUp = false;
  #isBroken = false;

  /** `stop` is the wish of the user to stop: it ends the stack, and may have come already. */
  constructor(folder: DataFolder, terminal: Terminal, stop: AbortSignal) {
    this.#folder = folder;
    this.#terminal = terminal;
    setMaxListeners(0, this.#end.signal);
    if (stop.aborted) this.#interrupt();
    stop.addEventListener('abort', () => this.#interrupt(), { once: true });
  }

  /** Starts, in this order, the servers that have a plan, then waits until all servers are ready. */
  async startServers(servers: readonly Server[]): Promise<void> {
    this.#end.signal.throwIfAborted();
    const plans = servers.flatMap(({ plan }) => plan ?? []);
    if (plans.length > 0) this.#terminal.line(`starting ${plans.map(({ name }) => name).join(', ')} …`);
    for (const server of servers) if (server.plan) await this.start(server.plan, server);
    await Promise.all(servers.map((server) => this.#becomesReady(server)));
  }

  /** Starts a process. Throws the reason when the stack has ended, or that the program cannot be run. */
  async start(plan: ProcessPlan, server?: Server): Promise<void> {
    keepEarlierLog(plan.logPath);
    const child = await this.#launch(plan);
    const warn = (text: string) => this.#terminal.line(`${plan.name} | ${text}`);
    this.#followers.push(new LogFollower(plan.logPath, { onWarning: plan.isNodeService ? warn : undefined }));
    void child.exited.then((how) => this.#onDeath(child, how, server));
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

  async stop(): Promise<void> {
    this.#interrupt();
    const running = [...this.#processes.values()].filter(({ isRunning }) => isRunning);
    if (running.length > 0) this.#terminal.line('stopping …');
    for (const child of running.toReversed()) await this.#stopOne(child);
    for (const follower of this.#followers) follower.close();
  }

  /** Kills at once every child that still runs. */
  kill(): void {
    this.#interrupt();
    for (const child of this.#processes.values()) child.kill();
  }

  async #launch(plan: ProcessPlan): Promise<ManagedProcess> {
    this.#end.signal.throwIfAborted();
    const child = await startProcess(plan);
    this.#processes.set(plan.name, child);
    void child.exited.then(() => this.#folder.forget(child.pid));
    const identity = identifyProcess(child.pid);
    if (identity) this.#folder.record({ ...identity, name: plan.name });
    return child;
  }

  #interrupt(): void {
    this.#end.abort(interrupted());
  }

  #onDeath(child: ManagedProcess, how: string, server: Server | undefined): void {
    if (this.#end.signal.aborted) return;
    const wasReady = server !== undefined && this.#wereReady.has(server);
    if (wasReady && server.sources !== undefined) return; // it is reloaded
    if (!wasReady || !server.restarts) {
      this.#endBroken(this.#died(child, how));
      return;
    }
    keepRunning(server, child, this.#restarts()).catch((reason) => this.#endBroken(reason));
  }

  #restarts(): RestartContext {
    return {
      launch: (plan) => this.#launch(plan),
      report: (text) => this.#terminal.line(text),
      shownLog: (plan) => this.#folder.shown(plan.logPath),
      signal: this.#end.signal,
    };
  }

  #reload(server: Server, sources: string): void {
    const child = this.#processes.get(server.name);
    if (child === undefined) return; // it is the user's server
    const watch = new SourceWatch(sources);
    keepReloading(server, child, watch, this.#restarts())
      .catch((reason) => this.#endBroken(reason))
      .finally(() => watch.close());
  }

  #endBroken(reason: unknown): void {
    if (!this.#end.signal.aborted) this.#isBroken = true;
    this.#end.abort(reason);
  }

  async #becomesReady(server: Server): Promise<void> {
    const startedAt = performance.now();
    await waitUntilReady(server, this.#end.signal, (text) => this.#terminal.line(text));
    this.#wereReady.add(server);
    if (server.sources !== undefined) this.#reload(server, server.sources);
    this.#terminal.ready(server.name, withoutCredentials(server.url), performance.now() - startedAt);
  }

  async #stopOne(running: ManagedProcess): Promise<void> {
    const { plan } = running;
    const startedAt = performance.now();
    const how = await running.stop(this.#isBroken ? BROKEN_STOP_LIMIT_MS : Number.POSITIVE_INFINITY);
    const tookMs = performance.now() - startedAt;
    const unclean = ['exit code 0', 'signal SIGTERM'].includes(how)
      ? ''
      : ` (${how}; log: ${this.#folder.shown(plan.logPath)})`;
    this.#terminal.line(`  ${plan.name} stopped after ${shownSeconds(tookMs)}${unclean}`);
  }

  /** A process that cannot start says why in its last log lines. One that dies later does not. */
  #died({ plan }: ManagedProcess, how: string): Error {
    const log = this.#folder.shown(plan.logPath);
    if (this.#isUp) return processDied(`${plan.name} ended with ${how}; log: ${log}`);
    return processDied(`${plan.name} ended with ${how} during the start; log: ${log}${shownLastLines(plan)}`);
  }
}
