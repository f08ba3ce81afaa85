/** How REDIS_URL's hosts are meant: the server itself, nodes of a Redis Cluster, or Sentinels. */
export const REDIS_MODES = ['single', 'cluster', 'sentinel'] as const;
export type RedisMode = (typeof REDIS_MODES)[number];

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

/** What a REDIS_URL says. */
export interface RedisAddress {
  /** Empty with a socket. */
  readonly hosts: readonly RedisHost[];
  readonly socketPath: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  readonly isTls: boolean;
}

export const REDIS_URL_FORM =
  'redis://[user:password@]host[:port][/database], rediss:// for TLS, or unix:///path[?db=database]';

/** The message names the wrong part and never shows it: it may hold the password. */
export class RedisUrlError extends Error {}

const URL_PARTS =
  /^(?<scheme>[a-z]+):\/\/(?<authority>[^/?#]*)(?<path>[^?#]*)(?<query>\?[^#]*)?(?<fragment>#.*)?$/;
const MAX_DATABASE = 2 ** 31 - 1;

/**
 * Reads a REDIS_URL in full: a part that has no meaning is refused, and none is guessed. WHATWG's URL cannot: several
 * hosts are no URL to it, and it repairs a `%` that encodes nothing. Throws RedisUrlError.
 */
export function parseRedisUrl(text: string, mode: RedisMode = 'single'): RedisAddress {
  const { scheme, authority = '', path = '', query, fragment } = URL_PARTS.exec(text)?.groups ?? {};
  if (scheme !== 'redis' && scheme !== 'rediss' && scheme !== 'unix') refuse(REDIS_URL_FORM, 'another form');
  if (fragment !== undefined) refuse('no fragment; # in a password is written %23', 'a fragment');
  const at = authority.lastIndexOf('@');
  const access = parseAccess(at < 0 ? undefined : authority.slice(0, at));
  const hostList = authority.slice(at + 1);
  if (scheme === 'unix') {
    if (mode !== 'single') refuse(`hosts, since REDIS_MODE is ${mode}`, 'a socket');
    if (hostList !== '') refuse('unix:///path with three slashes', 'a host');
    return {
      ...access,
      hosts: [],
      socketPath: parseSocket(path),
      database: queriedDatabase(query),
      isTls: false,
    };
  }
  if (query !== undefined) refuse('no options after ?', 'some');
  const hosts = parseHosts(hostList, mode === 'sentinel' ? 26_379 : 6_379);
  if (mode === 'single' && hosts.length > 1)
    refuse('one host, or REDIS_MODE cluster or sentinel', `${hosts.length} hosts`);
  const database = parseDatabase(path.slice(1));
  if (mode === 'cluster' && database !== 0) refuse('no database: a cluster has only 0', 'another one');
  return { ...access, hosts, socketPath: undefined, database, isTls: scheme === 'rediss' };
}

/** Fit for a log line: without user and password. */
export function shownAddress({ hosts, socketPath, database, isTls }: RedisAddress): string {
  const shownDatabase = database === 0 ? '' : `${database}`;
  if (socketPath !== undefined) return `unix://${socketPath}${shownDatabase && `?db=${shownDatabase}`}`;
  const list = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  return `${isTls ? 'rediss' : 'redis'}://${list.join(',')}${shownDatabase && `/${shownDatabase}`}`;
}

function parseAccess(text: string | undefined): {
  username: string | undefined;
  password: string | undefined;
} {
  if (text === undefined) return { username: undefined, password: undefined };
  const colon = text.indexOf(':');
  if (colon < 0) refuse('user:password@ or :password@', 'no colon before the @');
  const [username, password] = [text.slice(0, colon), text.slice(colon + 1)].map((part) =>
    decode(part, 'the user and the password'),
  );
  return { username: username || undefined, password: password || undefined };
}

function parseHosts(list: string, usualPort: number): RedisHost[] {
  if (list === '') refuse('a host, or unix:///path for a socket', 'none');
  return list.split(',').map((text) => {
    const match = /^(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<name>[A-Za-z0-9._-]+))(?::(?<port>\d{1,5}))?$/.exec(text);
    const { v6, name, port = String(usualPort) } = match?.groups ?? {};
    const host = v6 ?? name;
    if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
      refuse('host[:port], several with commas between', 'another form of a host or port');
    return { host, port: Number(port) };
  });
}

function parseSocket(path: string): string {
  if (path.length < 2) refuse('the path of a socket, as unix:///run/redis.sock', 'none');
  return decode(path, 'the path');
}

function queriedDatabase(query: string | undefined): number {
  if (query === undefined) return 0;
  const database = /^\?db=(.*)$/.exec(query)?.[1];
  if (database === undefined) refuse('no option after ? but db', 'another');
  return parseDatabase(database);
}

function parseDatabase(text: string): number {
  if (text === '') return 0;
  if (!/^\d{1,10}$/.test(text) || Number(text) > MAX_DATABASE)
    refuse('a database that is a whole number, as /0', 'another database or path');
  return Number(text);
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(`% and two hexadecimal digits in ${part}; % itself is written %25`, 'another % escape');
  }
}

function refuse(expected: string, got: string): never {
  throw new RedisUrlError(`expected ${expected}; got ${got} (not shown)`);
}
