import { setMaxListeners } from 'node:events';
import { withoutCredentials } from '../shared/config.ts';
import type { DataFolder } from './data-folder.ts';
import { interrupted, processDied } from './errors.ts';
import { LogFollower, lastLines } from './log-file.ts';
import { type ManagedProcess, type ProcessPlan, startProcess } from './managed-process.ts';
import type { Part } from './part.ts';
import { identifyProcess } from './process-identity.ts';
import { waitUntilReady } from './readiness.ts';
import { shownSeconds, type Terminal } from './terminal.ts';

/** Where one part has died the others cannot finish their work well: they are not given long for it. */
const BROKEN_STOP_LIMIT_MS = 5_000;

/**
 * The child processes of one start. It ends for one reason, the first: a child that died, or `interrupt`. From then
 * on nothing is started; `stop` ends the children in the reverse of the order in which they were started.
 */
export class Stack {
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

  /** Starts what is ours among them, in this order, and waits until all are ready. */
  async startParts(parts: readonly Part[]): Promise<void> {
    const plans = parts.flatMap(({ plan }) => plan ?? []);
    if (plans.length > 0) this.#terminal.line(`starting ${plans.map(({ name }) => name).join(', ')} …`);
    for (const plan of plans) await this.start(plan);
    await Promise.all(parts.map((part) => this.#becomesReady(part)));
  }

  /** Starts a process. Throws why the stack ends, or that the program cannot be run. */
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
    if (!plan.isOurs) return;
    const warn = (text: string) => this.#terminal.line(`${plan.name} | ${text}`);
    this.#followers.push(new LogFollower(plan.logPath, warn));
  }

  async #becomesReady({ name, url, check, readyLimitMs }: Part): Promise<void> {
    const startedAt = performance.now();
    const onWaiting = (text: string) => this.#terminal.line(text);
    await waitUntilReady(check, { name, limitMs: readyLimitMs, signal: this.#end.signal, onWaiting });
    this.#terminal.ready(name, withoutCredentials(url), performance.now() - startedAt);
  }

  /** All is started: rejects with why the stack ends, when it does. */
  ended(): Promise<never> {
    this.#isUp = true;
    const { signal } = this.#end;
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  interrupt(): void {
    this.#end.abort(interrupted('stopped by the user'));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.interrupt();
    const running = this.#processes.filter(({ isRunning }) => isRunning);
    if (running.length > 0) this.#terminal.line('stopping …');
    for (const started of running.toReversed()) await this.#stopOne(started);
    for (const follower of this.#followers) follower.close();
  }

  /** Kills what still runs, at once. */
  kill(): void {
    this.#stopping = true;
    for (const started of this.#processes) started.kill();
  }

  async #stopOne(running: ManagedProcess): Promise<void> {
    const startedAt = performance.now();
    const how = await running.stop(this.#isBroken ? BROKEN_STOP_LIMIT_MS : Number.POSITIVE_INFINITY);
    const tookMs = performance.now() - startedAt;
    const unclean = how === 'exit code 0' ? '' : `, with ${how}; log: ${this.#shownLog(running)}`;
    this.#terminal.line(`  ${running.plan.name} stopped in ${shownSeconds(tookMs)}${unclean}`);
  }

  /** Why it could not start is in its log's last lines; what ends it later says nothing there. */
  #died(dead: ManagedProcess, how: string): Error {
    const what = `${dead.plan.name} ended with ${how}`;
    if (this.#isUp) return processDied(`${what}; log: ${this.#shownLog(dead)}`);
    const lines = lastLines(dead.plan.logPath, 5).map((line) => `\n    ${line}`);
    return processDied(`${what} before all was up; log: ${this.#shownLog(dead)}${lines.join('')}`);
  }

  #shownLog({ plan }: ManagedProcess): string {
    return this.#folder.shown(plan.logPath);
  }
}
