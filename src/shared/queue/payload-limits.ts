import { inputInvalid, payloadTooLarge } from '../errors.ts';
import { MAX_PAYLOAD_BYTES as MAX_BYTES, MAX_PAYLOAD_DEPTH as MAX_DEPTH } from '../http-contract/limits.ts';

/** The longest form of a character, `\u001f`, and of a number, `-0.0000012345678901234567`. */
const CHARACTER_BYTES = 6;
const NUMBER_BYTES = 25;

/**
 * Throws ASDLC_INPUT_INVALID for a payload (JSON, parsed) of more than 32 levels, ASDLC_PAYLOAD_TOO_LARGE for one over
 * 1 MiB. Only what may be too large is written out to be measured.
 */
export function checkPayload(payload: unknown, place: string): void {
  const bound = boundBytes(payload, MAX_DEPTH);
  if (bound === Infinity) {
    throw inputInvalid(`${place}: expected at most ${MAX_DEPTH} levels; got more`);
  }
  if (bound <= MAX_BYTES) return;
  const size = Buffer.byteLength(JSON.stringify(payload));
  if (size > MAX_BYTES) throw payloadTooLarge(`${place}: expected at most ${MAX_BYTES} bytes; got ${size}`);
}

/** No fewer bytes than its JSON has; Infinity when it has more levels. */
function boundBytes(value: unknown, levels: number): number {
  if (typeof value === 'string') return value.length * CHARACTER_BYTES + 2;
  if (typeof value !== 'object' || value === null) return NUMBER_BYTES;
  if (levels === 0) return Infinity;
  let bound = 2;
  if (Array.isArray(value)) for (const item of value) bound += boundBytes(item, levels - 1) + 1;
  else {
    for (const [name, child] of Object.entries(value))
      bound += name.length * CHARACTER_BYTES + 4 + boundBytes(child, levels - 1);
  }
  return bound;
}
