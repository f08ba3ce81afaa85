/** The largest body that the orchestrator parses. */
export const MAX_PARSED_BYTES = 8 * 1024 * 1024;

/** A query result nests 6 deep. */
const MAX_DEPTH = 16;

/**
 * What JSON.parse takes for one array or object, one string and one name, in nanoseconds. Measured with Node 24 where
 * strings and names all differ, which is the slowest. Numbers cost little.
 */
const COLLECTION_NS = 50;
const STRING_NS = 130;
const NAME_NS = 800;

/** About 250,000 points: each is an array with one string. */
const MAX_PARSE_NS = 45_000_000;

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/**
 * Reads JSON piece by piece, and knows two things before anybody parses it: whether that would hold the event loop for
 * too long, and whether the text ends where its outermost value does. It does not check the grammar.
 */
export class JsonScan {
  #sizeBytes = 0;
  #depth = 0;
  #deepest = 0;
  #parseNs = 0;
  #inString = false;
  #isEscaped = false;

  add(chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    // Local variables: the loop sees each byte.
    let [depth, deepest, ns] = [this.#depth, this.#deepest, this.#parseNs];
    let [inString, isEscaped] = [this.#inString, this.#isEscaped];
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) {
        inString = true;
        ns += STRING_NS;
      } else if (byte === 0x5b || byte === 0x7b) {
        ns += COLLECTION_NS;
        if (++depth > deepest) deepest = depth;
      } else if (byte === 0x5d || byte === 0x7d) depth--;
      else if (byte === COLON) ns += NAME_NS;
    }
    [this.#depth, this.#deepest, this.#parseNs] = [depth, deepest, ns];
    [this.#inString, this.#isEscaped] = [inString, isEscaped];
  }

  /** Whether parsing would take too long: too many bytes, values or levels. */
  get isTooMuch(): boolean {
    return this.#sizeBytes > MAX_PARSED_BYTES || this.#parseNs > MAX_PARSE_NS || this.#deepest > MAX_DEPTH;
  }

  /** Whether each array and object that began has ended. */
  get isComplete(): boolean {
    return this.#deepest > 0 && this.#depth === 0 && !this.#inString;
  }
}
