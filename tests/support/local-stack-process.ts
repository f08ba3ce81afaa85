import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess } from '../../src/local-stack/processes/process-identity.ts';
import { request } from './http.ts';
import { BARE_ENV, REPOSITORY } from './processes.ts';
import type { Scope } from './scope.ts';
import { until } from './until.ts';

/** `npm start` as a test runs it. */
export interface LocalStack {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Its exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Waits until all is ready. Throws, with the output, when the stack ends before. */
  up(): Promise<void>;
  /** Returns the address that it printed for a server. */
  address(name: string): string;
}

interface Start {
  readonly program?: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

const SOURCES = join(REPOSITORY, 'src/local-stack/main.ts');

interface Recorded {
  readonly name: string;
  readonly pid: number;
}

/** A data folder and the local stacks that a test starts on it. */
export class LocalStackFolder {
  readonly path: string;
  readonly #base: string;
  readonly #stacks: LocalStack[] = [];

  private constructor(base: string) {
    this.#base = base;
    this.path = join(base, 'data');
  }

  /**
   * The end of the scope kills all processes of the folder and removes it. When a test failed, it shows first what the
   * stacks printed.
   */
  static async create(scope: Scope): Promise<LocalStackFolder> {
    const folder = new LocalStackFolder(await mkdtemp(join(tmpdir(), 'asdlc-stack-')));
    scope.after(() => {
      if (scope.passed === false) for (const { output } of folder.#stacks) process.stderr.write(output());
      return folder.#remove();
    });
    return folder;
  }

  /** Starts a local stack, on free ports unless `env` sets them: from the sources, unless `program` is another. */
  start({ program = SOURCES, args = [], env = {}, cwd = this.#base }: Start = {}): LocalStack {
    const child = spawn(process.execPath, [program, ...args], {
      cwd,
      env: {
        ...BARE_ENV,
        ASDLC_DATA_DIR: this.path,
        ORCHESTRATOR_PORT: '0',
        WORKERS_PORT: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stack = observe(child);
    this.#stacks.push(stack);
    return stack;
  }

  /** Returns the child processes that run, also those of a stack that was killed. */
  running(): readonly Recorded[] {
    try {
      const text = readFileSync(join(this.path, 'processes.json'), 'utf8');
      const recorded = JSON.parse(text) as Recorded[]; // as the local stack writes it
      return recorded.filter(({ pid }) => identifyProcess(pid) !== undefined);
    } catch {
      return [];
    }
  }

  find(name: string): Recorded | undefined {
    return this.running().find((recorded) => recorded.name === name);
  }

  pid(name: string): number {
    const found = this.find(name);
    if (found === undefined)
      throw new Error(`expected a process ${name}; got ${JSON.stringify(this.running())}`);
    return found.pid;
  }

  async #remove(): Promise<void> {
    for (const { child, exited } of this.#stacks) {
      child.kill('SIGKILL');
      await exited;
    }
    for (const { pid } of this.running()) process.kill(pid, 'SIGKILL');
    await until('all children have ended', () => this.running().length === 0);
    await rm(this.#base, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function observe(child: ChildProcess): LocalStack {
  let text = '';
  child.stdout?.on('data', (chunk) => (text += chunk));
  child.stderr?.on('data', (chunk) => (text += chunk));
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    child,
    exited,
    output: () => text,
    up: async () => {
      const isUp = () => text.includes('Ctrl-C stops everything') || child.exitCode !== null;
      await until('the local stack is up', isUp, 60_000);
      if (child.exitCode !== null) throw new Error(`the local stack ended: ${text}`);
    },
    address: (name) => {
      const found = new RegExp(`✓ ${name} +(\\S+)`).exec(text)?.[1];
      if (found === undefined) throw new Error(`expected an address of ${name}; got ${text}`);
      return found;
    },
  };
}

/** Waits until the TSDB of the stack has scraped both services. */
export async function untilBothAreScraped(stack: LocalStack): Promise<void> {
  const query = 'count(up{job=~"asdlc-orchestrator|asdlc-workers"} == 1)';
  await until('both services are scraped', async () => (await queryLocalTsdb(stack, query)) === 2, 30_000);
}

/** Returns the value of the first series of a query to the TSDB of the stack; undefined for no series. */
export async function queryLocalTsdb(stack: LocalStack, query: string): Promise<number | undefined> {
  const parameters = new URLSearchParams({ query });
  const { body } = await request(`${stack.address('victoria-metrics')}/api/v1/query?${parameters}`);
  const value = body.data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}
