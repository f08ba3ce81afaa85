import { inputInvalid, payloadTooLarge } from '../errors.ts';
import { MAX_PAYLOAD_BYTES as MAX_BYTES, MAX_PAYLOAD_DEPTH as MAX_DEPTH } from '../http-contract/limits.ts';

/** The longest JSON of one character is `\u001f`, and that of a number `-0.0000012345678901234567`. */
const CHARACTER_BYTES = 6;
const NUMBER_BYTES = 25;

/**
 * Checks a payload (parsed JSON). Throws ASDLC_INPUT_INVALID for more than 32 levels, ASDLC_PAYLOAD_TOO_LARGE for more
 * than 1 MiB. `place` names the payload in the message. Serialises only what a cheap bound cannot rule out.
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

/** Returns at least the size of the value's JSON in bytes; Infinity when it has more than `levels` levels. */
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
