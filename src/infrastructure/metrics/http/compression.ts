import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

/** A body below this size fits into one packet without compression. */
export const MIN_GZIP_BYTES = 1_400;

const gzipAsync = promisify(gzip);

/** Compresses on zlib's own threads, at the fastest level: such texts shrink to a tenth at every level. */
export function compress(body: Buffer | string): Promise<Buffer> {
  return gzipAsync(body, { level: constants.Z_BEST_SPEED });
}

/** Whether an Accept-Encoding header gives `gzip`, or else `*`, a quality above 0 (RFC 9110, section 12.5.3). */
export function acceptsGzip(header: string | string[] | undefined): boolean {
  const qualities = new Map<string, number>();
  for (const part of String(header ?? '').split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((side) => side.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    qualities.set(coding, quality === undefined ? 1 : Number(quality.slice(2)));
  }
  return (qualities.get('gzip') ?? qualities.get('*') ?? 0) > 0;
}
