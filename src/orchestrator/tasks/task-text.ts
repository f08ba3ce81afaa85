import { damageOfData } from '../../shared/queue/bullmq-damage.ts';
import { parseJson } from '../../shared/queue/bullmq-fields.ts';
import { type EndOfStep, inSlices } from '../../shared/service/time-slice.ts';
import { type JsonListener, type JsonReaderOptions, readJson } from './json-reader.ts';
import { JsonText } from './json-text.ts';

/*
 * The texts of tasks: the orchestrator reads all but the payload, and passes the text of that on as it came.
 */

/** All but a payload is short. */
export const MAX_REST_LENGTH = 64 * 1024;

export interface TaskText {
  /** The text with `null` in place of the payload. */
  readonly rest: string;
  readonly payload: JsonText | undefined;
}

/** Finds the payload in the text of a task, a step at a time. Throws as `readJson`. */
export function* splitTask(text: string, options: JsonReaderOptions): Generator<void, TaskText> {
  const finder = new PayloadFinder(text);
  yield* readJson(text, { ...options, listener: finder });
  let rest = '';
  let restFrom = 0;
  let payload: JsonText | undefined;
  for (const { from, end } of finder.places) {
    rest += `${text.slice(restFrom, from)}null`;
    restFrom = end;
    payload = new JsonText(text.slice(from, end)); // JSON.parse too takes the last of one name
  }
  return { rest: rest + text.slice(restFrom), payload };
}

export interface StoredData {
  readonly payload: JsonText | undefined;
  readonly others: Readonly<Record<string, unknown>>;
  /** Why no worker can read the data; undefined: it can. */
  readonly damage?: string | undefined;
}

/** Reads a task's data in slices. What did not come through the orchestrator may be anything: then they are empty. */
export async function splitData(data: string, endOfStep?: EndOfStep): Promise<StoredData> {
  try {
    const { rest, payload } = await inSlices(splitTask(data, { place: 'data' }), endOfStep);
    const parsed = rest.length <= MAX_REST_LENGTH ? parseJson(rest) : undefined;
    const { payload: _, ...others } = Object(typeof parsed === 'object' ? parsed : {}) as Record<
      string,
      unknown
    >; // or a list, or null
    return { payload, others, damage: damageOfData(parsed ?? {}) };
  } catch {
    return { payload: undefined, others: {}, damage: 'data: expected JSON; got another text' };
  }
}

const DATA_START = '{"payload":';

/** Returns a task's data as Redis keeps them: see `TaskData`. */
export function joinData({ payload, others }: StoredData): string {
  const text = JSON.stringify(others);
  if (payload === undefined) return text;
  return `${DATA_START}${payload.text}${text === '{}' ? '' : ','}${text.slice(1)}`;
}

/** Whether `joinData` wrote the data of this very text. */
export function beginsWithPayload(data: string, { text }: JsonText): boolean {
  const isNext = data.startsWith(DATA_START) && data.startsWith(text, DATA_START.length);
  return isNext && [',', '}'].includes(data.charAt(DATA_START.length + text.length));
}

const PAYLOAD = '"payload"';

/** Notes where the values are that the outermost object has under the name `payload`. */
class PayloadFinder implements JsonListener {
  readonly places: { readonly from: number; readonly end: number }[] = [];
  readonly #text: string;
  #depth = 0;
  #isPayload = false;
  #from = 0;

  constructor(text: string) {
    this.#text = text;
  }

  name(from: number, end: number): void {
    if (this.#depth !== 1) return;
    const isPlain = end - from === PAYLOAD.length;
    this.#isPayload = isPlain
      ? this.#text.startsWith(PAYLOAD, from)
      : isEscapedPayload(this.#text.slice(from, end));
  }

  open(_: boolean, at: number): void {
    if (this.#depth === 1) this.#from = at;
    this.#depth += 1;
  }

  close(end: number): void {
    this.#depth -= 1;
    if (this.#depth === 1 && this.#isPayload) this.places.push({ from: this.#from, end });
  }

  scalar(from: number, end: number): void {
    if (this.#depth === 1 && this.#isPayload) this.places.push({ from, end });
  }
}

/** A name may be written with escapes, such as `p\u0061yload`: six characters for each at most. */
function isEscapedPayload(name: string): boolean {
  return name.length <= PAYLOAD.length * 6 && name.includes('\\') && JSON.parse(name) === 'payload';
}
