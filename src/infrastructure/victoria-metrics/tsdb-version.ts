import { request } from 'undici';
import { basicAuthorization } from '../../shared/basic-authorization.ts';

export interface TsdbVersion {
  readonly product: 'VictoriaMetrics' | 'Prometheus';
  /** As `1.79.5`; undefined for a build that does not tell it, such as Debian's of VictoriaMetrics. */
  readonly version?: string;
}

/** The oldest versions that the guards of queries were tested with: older ones may end at others. */
export const SUPPORTED_TSDBS = { VictoriaMetrics: '1.79.5', Prometheus: '2.42.0' } as const;

/** Enough of VictoriaMetrics's own metrics to hold `vm_app_version`, wherever it stands. */
const MAX_METRICS_BYTES = 1024 * 1024;

const VERSION = /v?(\d+\.\d+\.\d+)/;

/**
 * Asks the TSDB for its version. Prometheus tells it under status/buildinfo; VictoriaMetrics has another's there and
 * tells its own in `/metrics`. Undefined where it is neither; rejects where it does not answer.
 */
export async function readTsdbVersion(url: string, timeoutMs: number): Promise<TsdbVersion | undefined> {
  const base = new URL(url);
  const headers = basicAuthorization(base);
  base.username = '';
  base.password = '';
  const read = async (address: string) => {
    const { statusCode, body } = await request(address, { headers, signal: AbortSignal.timeout(timeoutMs) });
    if (statusCode === 200) return readUpTo(body, MAX_METRICS_BYTES);
    await body.dump();
    return '';
  };
  const metrics = await read(new URL('/metrics', base).href);
  const app = /^vm_app_version\{([^\n]*)\}/m.exec(metrics)?.[1];
  // A proxy such as vmauth has its own version there.
  if (app !== undefined && !/vmauth|vmgateway/.test(app)) return versioned('VictoriaMetrics', app);
  const buildinfo = await read(`${base.href.replace(/\/+$/, '')}/api/v1/status/buildinfo`);
  const { data } = parsed(buildinfo) as { data?: { version?: unknown; revision?: unknown } };
  if (typeof data?.version !== 'string' || typeof data.revision !== 'string') return undefined;
  return versioned('Prometheus', data.version);
}

function versioned(product: TsdbVersion['product'], text: string): TsdbVersion {
  const version = VERSION.exec(text)?.[1];
  return { product, ...(version !== undefined && { version }) };
}

function parsed(text: string): object {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}

async function readUpTo(body: AsyncIterable<Buffer>, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).toString();
}

/** Whether a version comes before another, as 1.9.0 before 1.79.5. */
export function isOlder(version: string, than: string): boolean {
  const [numbers, others] = [version, than].map((each) => each.split('.').map(Number));
  for (const [i, number] of (numbers ?? []).entries()) {
    const difference = number - (others?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
