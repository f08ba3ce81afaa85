/** Units from large to small, each at most once: Prometheus's form of durations. */
const DURATION = /^([+-]?)(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const UNIT_SECONDS = [31_536_000, 604_800, 86_400, 3_600, 60, 1, 0.001];

const HEXADECIMAL = /^([+-]?)(0[xX][\da-fA-F]+)$/;

/** The seconds of a duration such as 1h30m, or of a number; NaN for neither. */
export function parsePromqlDuration(text: string): number {
  const match = text === '' ? null : DURATION.exec(text);
  if (match === null) return parsePromqlNumber(text);
  const seconds = UNIT_SECONDS.reduce((sum, unit, i) => sum + Number(match[i + 2] ?? 0) * unit, 0);
  return match[1] === '-' ? -seconds : seconds;
}

/** A number as PromQL writes it; NaN for none. */
export function parsePromqlNumber(text: string): number {
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal !== null) {
    const value = Number(hexadecimal[2]);
    return hexadecimal[1] === '-' ? -value : value;
  }
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^[+-]?[\d.]/.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN;
}
