import type { Redis } from 'ioredis';
import type { CheckResult } from '../../service/health.ts';
import { connectionProblem, NOT_CONNECTED } from '../connections.ts';
import { isRefusal } from '../errors.ts';
import { replaceConnection } from './client.ts';
import type { RefusalLog } from './refusal-log.ts';

/**
 * Writes where the queue's keys are, with EVAL as the queue does. Returns the server's role: a replica may accept
 * writes, which its primary then overwrites. A user without INFO is told `unknown`.
 */
const WRITE = `
redis.call('SET', KEYS[1], '1', 'PX', 60000)
local info = redis.pcall('INFO', 'replication')
return type(info) == 'string' and string.match(info, 'role:(%a+)') or 'unknown'
`;

/** A result is shown for so long, so that callers cannot load Redis. */
const FRESH_MS = 1_000;
/** How often a process checks by itself. So it finds out that Redis turned wrong while nobody asks. */
const WATCH_INTERVAL_MS = 2_000;

const EXPLANATIONS: readonly (readonly [RegExp, string])[] = [
  [/\bREADONLY\b/, 'this server is a replica'],
  [/\bMOVED\b/, "this server is a node of a cluster, and another node has the queue's keys: see REDIS_MODE"],
  [/unknown command/, 'this server runs no scripts, as a Sentinel: see REDIS_MODE'],
  [
    /\bNOPERM\b|The user executing the script can't|ACL failure in script/,
    'the user may not do what the queue does',
  ],
];
const MAX_MESSAGE_LENGTH = 300;

export interface RedisCheckOptions {
  /** The queue's prefix. */
  readonly prefix: string;
  /** Longest wait for the reply; 1 s by default. */
  readonly limitMs?: number;
  /** Is told why Redis refuses. */
  readonly refusals?: RefusalLog;
}

/** Checks whether the queue can be written over this connection, and replaces the connection when it is a replica's. */
export class RedisCheck {
  readonly #redis: Redis;
  readonly #options: RedisCheckOptions;
  #running: Promise<CheckResult> | undefined;
  #last: { result: CheckResult; atMs: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isReplica = false;
  /** Why Redis refused the last write, also while the connection is replaced for that. */
  #refusal: string | undefined;

  constructor(redis: Redis, options: RedisCheckOptions) {
    this.#redis = redis;
    this.#options = options;
  }

  /** Whether the server was a replica that accepts writes when it replied last: its primary overwrites them. */
  get isReplica(): boolean {
    return this.#isReplica;
  }

  /** Concurrent callers share one round trip, and those of the next second its result. Never rejects. */
  check(): Promise<CheckResult> {
    const error = this.#problem();
    if (error !== undefined) {
      this.#last = undefined;
      return Promise.resolve({ up: false, latencyMs: 0, error: shortened(error) });
    }
    if (this.#last && performance.now() - this.#last.atMs < FRESH_MS)
      return Promise.resolve(this.#last.result);
    this.#running ??= this.#write().then((result) => {
      this.#running = undefined;
      this.#last = { result, atMs: performance.now() };
      return result;
    });
    return this.#running;
  }

  /** Checks every 2 s. */
  watch(): void {
    this.#timer ??= setInterval(() => void this.check(), WATCH_INTERVAL_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #write(): Promise<CheckResult> {
    const { prefix, limitMs = 1_000 } = this.#options;
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no reply within ${limitMs} ms`)), limitMs);
    });
    try {
      const role = await Promise.race([this.#redis.eval(WRITE, 1, `${prefix}:check`), late]);
      this.#isReplica = role === 'slave';
      if (this.#isReplica) throw this.#replica();
      this.#refusal = undefined;
      return { up: true, latencyMs: performance.now() - startedAt };
    } catch (error) {
      const reason = this.#reason(error as Error); // ioredis throws nothing else
      return { up: false, latencyMs: performance.now() - startedAt, error: reason };
    } finally {
      clearTimeout(timer);
    }
  }

  #replica(): Error {
    replaceConnection(this.#redis);
    return new Error('this server is a replica, although it accepts writes');
  }

  #reason(error: Error): string {
    if (isRefusal(error)) this.#options.refusals?.note(error);
    const explanation = EXPLANATIONS.find(([pattern]) => pattern.test(error.message))?.[1];
    const reason = explanation === undefined ? error.message : `${explanation}: ${error.message}`;
    if (isRefusal(error)) this.#refusal = reason;
    return shortened(this.#problem() ?? reason);
  }

  #problem(): string | undefined {
    const problem = connectionProblem(this.#redis);
    return problem === NOT_CONNECTED ? (this.#refusal ?? problem) : problem;
  }
}

function shortened(text: string): string {
  return text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH)}…` : text;
}
