/** A group's error is no longer than this. */
const MAX_LENGTH = 300;

const UUID = /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi;
/** Letters and digits mixed: a hash, or a key such as `ord_9f3kd02`. */
const MIXED = /\b(?=[\w-]{0,63}\d)(?=[\w-]{0,63}[A-Za-z_])[\w-]{8,64}\b/g;
const NUMBER = /\d+(?:[.,:]\d+)*/g;

/** Returns what the errors of one group have in common: the first line, with each id and number replaced. */
export function groupOfError(message: string): string {
  const [line = ''] = message.trimStart().split(/[\r\n]/, 1);
  return line
    .slice(0, MAX_LENGTH)
    .replace(UUID, '<id>')
    .replace(MIXED, '<id>')
    .replace(NUMBER, '<n>')
    .replace(/\s+/g, ' ')
    .slice(0, MAX_LENGTH)
    .trim();
}
