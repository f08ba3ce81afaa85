export type Format = 'text' | 'openmetrics';

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/**
 * The format that an Accept header prefers. The highest `q` wins, and among equals the first. OpenMetrics wins
 * only by its own name. The default is text 0.0.4, which every scraper reads.
 */
export function negotiateFormat(accept: unknown): Format {
  if (typeof accept !== 'string') return 'text';
  let best: Format = 'text';
  let bestQuality = 0;
  for (const range of accept.split(',').map(parseRange)) {
    const format = formatOf(range);
    if (format !== undefined && range.quality > bestQuality) {
      best = format;
      bestQuality = range.quality;
    }
  }
  return best;
}

/** The format that a media range names. We write neither Prometheus 3's text 1.0.0 nor OpenMetrics 0.0.1. */
function formatOf({ type, parameters }: MediaRange): Format | undefined {
  const version = parameters.get('version');
  if (type === 'application/openmetrics-text') {
    return version === undefined || version === '1.0.0' ? 'openmetrics' : undefined;
  }
  if (type === 'text/plain') return version === undefined || version === '0.0.4' ? 'text' : undefined;
  return type === 'text/*' || type === '*/*' ? 'text' : undefined;
}

/** RFC 9110, section 12.5.1. A quality that is not a number counts as 0. */
function parseRange(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const [name = '', value = ''] = part.split('=').map((side) => side.trim());
    parameters.set(name, value.replace(/^"(.*)"$/, '$1'));
  }
  const quality = Number(parameters.get('q') ?? 1);
  return { type, parameters, quality: quality <= 1 ? quality : 0 };
}
