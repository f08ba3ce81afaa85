import { isDeepStrictEqual } from 'node:util';
import { payloadTooLarge } from '../../shared/errors.ts';
import { MAX_PAYLOAD_BYTES } from '../../shared/http-contract/limits.ts';

/**
 * A payload as its JSON text, written compactly. The orchestrator only passes payloads on, and the values of a text may
 * take 20 times its memory.
 */
export class PayloadText {
  readonly text: string;

  /** Throws ASDLC_PAYLOAD_TOO_LARGE for more than 1 MiB. `place` names the payload in the message. */
  constructor(payload: unknown, place: string) {
    this.text = JSON.stringify(payload);
    const size = Buffer.byteLength(this.text);
    if (size > MAX_PAYLOAD_BYTES) {
      throw payloadTooLarge(`${place}: expected at most ${MAX_PAYLOAD_BYTES} bytes; got ${size}`);
    }
  }

  /** The value, made anew each time: `JSON.stringify` writes it in place of this object. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }

  /** Whether a stored payload has the same value: its names may be in another order. Most differ in their length. */
  equals(stored: unknown): boolean {
    const text = JSON.stringify(stored);
    return (
      text === this.text || (text?.length === this.text.length && isDeepStrictEqual(stored, this.toJSON()))
    );
  }
}
