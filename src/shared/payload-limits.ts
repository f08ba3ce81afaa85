import { inputInvalid, payloadTooLarge } from './errors.ts';

const MAX_DEPTH = 32;
const MAX_BYTES = 1024 * 1024;

/** Throws ASDLC_INPUT_INVALID for a payload of more than 32 levels, ASDLC_PAYLOAD_TOO_LARGE for one over 1 MiB. */
export function checkPayload(payload: unknown, place: string): void {
  if (depthExceeds(payload, MAX_DEPTH)) {
    throw inputInvalid(`${place}: expected at most ${MAX_DEPTH} levels; given more`);
  }
  const size = payload === undefined ? 0 : Buffer.byteLength(JSON.stringify(payload));
  if (size > MAX_BYTES) throw payloadTooLarge(`${place}: expected at most ${MAX_BYTES} bytes; given ${size}`);
}

function depthExceeds(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((child) => depthExceeds(child, levels - 1));
}
