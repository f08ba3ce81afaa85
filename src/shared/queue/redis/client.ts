import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisServer, TlsFiles } from '../../redis-server.ts';

const MAX_RECONNECT_DELAY_MS = 1_000;
const CONNECT_LIMIT_MS = 5_000;
const SENTINEL_REPLY_LIMIT_MS = 1_000;
/** A failover that no reply has told of is noticed by then. */
const SLOTS_REFRESH_MS = 5_000;
/** A connection is replaced at most so often: while no primary is there, each new one is wrong too. */
const REPLACE_INTERVAL_MS = 1_000;

/** Replies that say that another server has to be asked now. */
const WRONG_SERVER = /\b(READONLY|MOVED|UNBLOCKED|NOAUTH)\b/;

export type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

const retryStrategy = (attempt: number) => Math.min(50 * attempt, MAX_RECONNECT_DELAY_MS);

/** Connects to the server, or to the Cluster's or the Sentinels' present primary. Reconnects for ever. */
export function createClient(server: RedisServer, options: ClientOptions): Redis {
  if (server.mode === 'cluster') return createCluster(server, options);
  const client = new Redis({
    ...whereabouts(server),
    ...access(server),
    db: server.address.database,
    connectTimeout: CONNECT_LIMIT_MS,
    retryStrategy,
    reconnectOnError,
    ...options,
  });
  guardDatabase(client);
  return client;
}

/** ioredis's Cluster has the commands, events and fields of its Redis that asdlc and BullMQ use. */
function createCluster(server: RedisServer, options: ClientOptions): Redis {
  const { enableOfflineQueue = true, lazyConnect = false, retryStrategy: _, ...nodeOptions } = options;
  const cluster = new Cluster([...server.address.hosts], {
    enableOfflineQueue,
    lazyConnect,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    dnsLookup: (host, done) => done(null, host), // keeps the name, which TLS compares with the certificate
    redisOptions: { ...access(server), connectTimeout: CONNECT_LIMIT_MS, ...nodeOptions },
  });
  return cluster as unknown as Redis; // see above
}

function whereabouts({ mode, address, sentinel, tls }: RedisServer): ClientOptions {
  if (address.socketPath !== undefined) return { path: address.socketPath };
  if (mode !== 'sentinel') return { ...address.hosts[0] };
  return {
    sentinels: address.hosts.map((host) => ({ ...host })),
    name: sentinel?.master ?? '',
    sentinelCommandTimeout: SENTINEL_REPLY_LIMIT_MS,
    ...(sentinel?.password !== undefined && { sentinelPassword: sentinel.password }),
    ...(tls && { sentinelTLS: tlsOptions(tls), enableTLSForSentinelMode: true }),
  };
}

function access({ address: { username, password }, tls }: RedisServer): ClientOptions {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: tlsOptions(tls) }),
  };
}

/** ioredis copies the own fields of this object for each connection, and so calls the getter. */
function tlsOptions(files: TlsFiles) {
  return {
    get secureContext() {
      return files.secureContext;
    },
  };
}

/** When each connection was last replaced, by its options, which no two connections share. */
const replacedAt = new WeakMap<object, number>();
const replacing = new WeakSet<object>();

/** Connects anew, so that host names and Sentinels are asked again. Does nothing when it did so a moment ago. */
export function replaceConnection(client: Redis): void {
  if (mayReplace(client.options)) client.disconnect(true);
}

/** Whether the connection that has just closed was replaced on purpose. Tells it once. */
export function wasReplaced(client: Redis): boolean {
  return replacing.delete(client.options);
}

function mayReplace(options: object): boolean {
  const now = performance.now();
  if (now - (replacedAt.get(options) ?? Number.NEGATIVE_INFINITY) < REPLACE_INTERVAL_MS) return false;
  replacedAt.set(options, now);
  replacing.add(options);
  return true;
}

/** ioredis calls it as a method of the options. */
function reconnectOnError(this: object, error: Error): boolean {
  return WRONG_SERVER.test(error.message) && mayReplace(this);
}

/**
 * ioredis goes on in database 0 when SELECT fails. Such a connection must never become ready, nor one that BullMQ makes
 * of this one.
 */
function guardDatabase(client: Redis): void {
  client.on('error', (error: Error & { command?: { name: string } }) => {
    if (error.command?.name === 'select') client.disconnect(true);
  });
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (override) => {
    const copy = duplicate(override);
    guardDatabase(copy);
    return copy;
  };
}
