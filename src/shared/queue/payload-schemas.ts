import type { Redis } from 'ioredis';
import { SharedRead } from './shared-read.ts';
import { WORKER_MAX_AGE_MS } from './worker-registry.ts';

/** A longer schema is not announced: the workers alone check by it. */
export const MAX_SCHEMA_LENGTH = 16_384;
const REFRESH_INTERVAL_MS = 5_000;
const MAX_SCHEMAS = 400;

/**
 * One sorted set: event type, line feed, schema (empty: anything goes), by its last announcement. So two schemas of a
 * type live side by side during a deploy, and each goes when no worker announces it any more. All by Redis's clock.
 */
const ANNOUNCE = `
local now = redis.call('TIME')[1] * 1000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${WORKER_MAX_AGE_MS})
for i = 1, #ARGV do redis.call('ZADD', KEYS[1], now, ARGV[i]) end
`;
const READ = `
local now = redis.call('TIME')[1] * 1000
return redis.call('ZRANGE', KEYS[1], now - ${WORKER_MAX_AGE_MS}, '+inf', 'BYSCORE', 'LIMIT', 0, ${MAX_SCHEMAS + 1})
`;

const keyOf = (prefix: string) => `${prefix}:payload-schemas`;

/** Announces the schema of each event type once; undefined says that its worker takes anything. Never rejects. */
export async function announcePayloadSchemas(
  redis: Redis,
  prefix: string,
  schemas: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const members = Object.entries(schemas).map(([type, schema = '']) => `${type}\n${schema}`);
  await redis.eval(ANNOUNCE, 1, keyOf(prefix), ...members).catch(() => undefined); // the next one may succeed
}

/** The schemas that live workers have announced. Redis is asked at most every 5 s. */
export class PayloadSchemas {
  readonly #redis: Redis;
  readonly #key: string;
  #byType: ReadonlyMap<string, readonly string[]> = new Map();
  readonly #reading = new SharedRead(() => this.#read());

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#key = keyOf(prefix);
  }

  /** Returns the schemas by event type; an empty text takes anything. Never rejects; none are known without Redis. */
  async all(): Promise<ReadonlyMap<string, readonly string[]>> {
    await this.#reading.ifOlderThan(REFRESH_INTERVAL_MS);
    return this.#byType;
  }

  async #read(): Promise<void> {
    const members = await this.#redis.eval(READ, 1, this.#key).catch(() => []);
    this.#byType = byType(members as string[]); // as in the script
  }
}

/** Beyond the limit some schemas are missing, so that none may refuse anything. */
function byType(members: readonly string[]): Map<string, string[]> {
  const schemas = new Map<string, string[]>();
  if (members.length > MAX_SCHEMAS) return schemas;
  for (const member of members) {
    const end = member.indexOf('\n');
    if (end === -1) continue; // anything may be in Redis
    const type = member.slice(0, end);
    const texts = schemas.get(type) ?? [];
    texts.push(member.slice(end + 1));
    schemas.set(type, texts);
  }
  return schemas;
}
