import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { parseRedisUrl, type RedisAddress, type RedisMode, RedisUrlError } from './redis-url.ts';

/** The settings that say where Redis is. */
export interface RedisSettings {
  readonly REDIS_URL: string;
  readonly REDIS_MODE: RedisMode;
  readonly REDIS_SENTINEL_MASTER?: string | undefined;
  readonly REDIS_SENTINEL_PASSWORD?: string | undefined;
  readonly REDIS_TLS_CA_FILE?: string | undefined;
  readonly REDIS_TLS_CERT_FILE?: string | undefined;
  readonly REDIS_TLS_KEY_FILE?: string | undefined;
}

/** Where Redis is, and how to get in. */
export interface RedisServer {
  readonly mode: RedisMode;
  readonly address: RedisAddress;
  readonly sentinel: { readonly master: string; readonly password: string | undefined } | undefined;
  /** Set with rediss://. */
  readonly tls: TlsFiles | undefined;
}

/** Returns what is wrong with the settings taken together, each as `NAME: expected …; got …`. */
export function redisProblems(settings: RedisSettings): string[] {
  const { REDIS_MODE: mode, REDIS_SENTINEL_MASTER: master } = settings;
  const problems: string[] = [];
  const isTls = addressOf(settings, problems)?.isTls ?? true;
  if (mode === 'sentinel' && master === undefined)
    problems.push('REDIS_SENTINEL_MASTER: expected a name, since REDIS_MODE is sentinel; got none');
  for (const name of ['REDIS_SENTINEL_MASTER', 'REDIS_SENTINEL_PASSWORD'] as const)
    if (mode !== 'sentinel' && settings[name] !== undefined)
      problems.push(`${name}: expected REDIS_MODE sentinel beside it; got ${mode}`);
  const files = filesOf(settings);
  for (const [name, path] of Object.entries(files))
    if (path !== undefined && !isTls)
      problems.push(`${name}: expected a rediss:// URL beside it; got another`);
  if ((files.REDIS_TLS_CERT_FILE === undefined) !== (files.REDIS_TLS_KEY_FILE === undefined))
    problems.push('REDIS_TLS_CERT_FILE: expected REDIS_TLS_KEY_FILE beside it; got only one of the two');
  if (problems.length === 0 && isTls) problems.push(...new TlsFiles(files).problems());
  return problems;
}

/** Returns where Redis is, by settings without problems. */
export function locateRedis(settings: RedisSettings): RedisServer {
  const { REDIS_URL, REDIS_MODE: mode, REDIS_SENTINEL_MASTER: master } = settings;
  const address = parseRedisUrl(REDIS_URL, mode);
  return {
    mode,
    address,
    sentinel: master === undefined ? undefined : { master, password: settings.REDIS_SENTINEL_PASSWORD },
    tls: address.isTls ? new TlsFiles(filesOf(settings)) : undefined,
  };
}

function addressOf({ REDIS_URL, REDIS_MODE }: RedisSettings, problems: string[]): RedisAddress | undefined {
  try {
    return parseRedisUrl(REDIS_URL, REDIS_MODE);
  } catch (error) {
    if (!(error instanceof RedisUrlError)) throw error;
    problems.push(`REDIS_URL: ${error.message}`);
    return undefined;
  }
}

type TlsPaths = Pick<RedisSettings, 'REDIS_TLS_CA_FILE' | 'REDIS_TLS_CERT_FILE' | 'REDIS_TLS_KEY_FILE'>;

function filesOf({ REDIS_TLS_CA_FILE, REDIS_TLS_CERT_FILE, REDIS_TLS_KEY_FILE }: RedisSettings): TlsPaths {
  return { REDIS_TLS_CA_FILE, REDIS_TLS_CERT_FILE, REDIS_TLS_KEY_FILE };
}

/** The files of the CA, the client certificate and its key. Each is optional. */
export class TlsFiles {
  readonly #paths: TlsPaths;
  #last: SecureContext | undefined;

  constructor(paths: TlsPaths) {
    this.#paths = paths;
  }

  /**
   * ioredis reads it for each connection, so a renewed certificate needs no restart. Files that are half written must
   * not throw there: the client would never connect again.
   */
  get secureContext(): SecureContext {
    try {
      this.#last = this.#read();
    } catch (error) {
      if (this.#last === undefined) throw error;
    }
    return this.#last;
  }

  problems(): string[] {
    const problems = Object.entries(this.#paths).flatMap(([name, path]) => {
      try {
        if (path !== undefined) readFileSync(path);
        return [];
      } catch (error) {
        return [`${name}: expected a file that can be read; got ${(error as NodeJS.ErrnoException).code}`];
      }
    });
    if (problems.length > 0) return problems;
    try {
      this.#last = this.#read();
      return [];
    } catch (error) {
      return [
        `REDIS_TLS_…_FILE: expected a CA, a certificate and its key as PEM; got ${(error as Error).message}`,
      ];
    }
  }

  #read(): SecureContext {
    const [ca, cert, key] = [
      this.#paths.REDIS_TLS_CA_FILE,
      this.#paths.REDIS_TLS_CERT_FILE,
      this.#paths.REDIS_TLS_KEY_FILE,
    ].map((path) => path && readFileSync(path));
    return createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
  }
}
