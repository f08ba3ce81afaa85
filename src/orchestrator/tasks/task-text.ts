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

/** The fields of a request that have tasks of their own. */
const MEMBER_FIELDS = ['children', 'next'] as const;
type MemberField = (typeof MEMBER_FIELDS)[number];

export interface TaskText {
  /** The text with `null` in place of each payload. */
  readonly rest: string;
  readonly payload: JsonText | undefined;
  /** The payloads of the tasks within it. */
  readonly members: readonly MemberPayload[];
}

export interface MemberPayload {
  readonly field: MemberField;
  readonly index: number;
  readonly payload: JsonText;
}

export interface SplitOptions extends JsonReaderOptions {
  /** Whether it may have tasks within it, as a request may. */
  readonly hasMembers?: boolean;
}

/** Finds the payloads in the text of a task, a step at a time. Throws as `readJson`. */
export function* splitTask(
  text: string,
  { hasMembers = false, ...options }: SplitOptions,
): Generator<void, TaskText> {
  const finder = new PayloadFinder(text, hasMembers);
  yield* readJson(text, { ...options, listener: finder });
  let rest = '';
  let restFrom = 0;
  let payload: JsonText | undefined;
  const members: MemberPayload[] = [];
  for (const { from, end, member } of finder.places) {
    rest += `${text.slice(restFrom, from)}null`;
    restFrom = end;
    const found = new JsonText(text.slice(from, end)); // JSON.parse too takes the last of one name
    if (member === undefined) payload = found;
    else if (member.nameFrom === finder.lastNames.get(member.field)) {
      members.push({ field: member.field, index: member.index, payload: found });
    }
  }
  return { rest: rest + text.slice(restFrom), payload, members };
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

/** Returns all but the payload of data that `joinData` wrote of this very text; undefined: it did not. */
export function othersOfPayload(data: string, { text }: JsonText): StoredData['others'] | undefined {
  const isNext = data.startsWith(DATA_START) && data.startsWith(text, DATA_START.length);
  if (!isNext) return undefined;
  const rest = data.slice(DATA_START.length + text.length);
  if (rest.length > MAX_REST_LENGTH) return undefined;
  const others = rest === '}' ? {} : rest.startsWith(',') ? parseJson(`{${rest.slice(1)}`) : undefined;
  return others as StoredData['others'] | undefined; // it has braces
}

/** Where the text of a payload is. */
interface Place {
  readonly from: number;
  readonly end: number;
  /** Undefined: the outermost object's. */
  readonly member:
    | { readonly field: MemberField; readonly index: number; readonly nameFrom: number }
    | undefined;
}

/** The depth of the fields of the outermost object, and of those of the tasks in its lists. */
const [OUTERMOST, OF_MEMBER] = [1, 3];

/** Notes where the payloads are: of the outermost object, and of the tasks in its lists. */
class PayloadFinder implements JsonListener {
  readonly places: Place[] = [];
  /** Where the last name of each field begins: JSON.parse takes that one. */
  readonly lastNames = new Map<MemberField, number>();
  readonly #text: string;
  readonly #hasMembers: boolean;
  #depth = 0;
  #isPayload = false;
  /** The field of the outermost object that is being read, if it has tasks. */
  #field: MemberField | undefined;
  #index = -1;
  #from = 0;

  constructor(text: string, hasMembers: boolean) {
    this.#text = text;
    this.#hasMembers = hasMembers;
  }

  name(from: number, end: number): void {
    if (this.#depth === OUTERMOST) {
      this.#isPayload = isName(this.#text, from, end, 'payload');
      this.#field = this.#hasMembers
        ? MEMBER_FIELDS.find((name) => isName(this.#text, from, end, name))
        : undefined;
      this.#index = -1;
      if (this.#field !== undefined) this.lastNames.set(this.#field, from);
    } else if (this.#depth === OF_MEMBER && this.#field !== undefined) {
      this.#isPayload = isName(this.#text, from, end, 'payload');
    }
  }

  open(isObject: boolean, at: number): void {
    if (this.#depth === OUTERMOST && isObject) this.#field = undefined; // only a list has tasks
    if (this.#isPlace()) this.#from = at;
    this.#begin();
    this.#depth += 1;
  }

  close(end: number): void {
    this.#depth -= 1;
    if (this.#isPlace()) this.#note(this.#from, end);
    if (this.#field !== undefined && this.#depth === OF_MEMBER - 1) this.#isPayload = false; // a task ends: the next has names of its own
  }

  scalar(from: number, end: number): void {
    if (this.#isPlace()) this.#note(from, end);
    this.#begin();
  }

  #begin(): void {
    if (this.#depth === OF_MEMBER - 1 && this.#field !== undefined) this.#index += 1;
  }

  /** Whether the value that begins or ends here is a payload. */
  #isPlace(): boolean {
    return this.#isPayload && this.#depth === (this.#field === undefined ? OUTERMOST : OF_MEMBER);
  }

  #note(from: number, end: number): void {
    const field = this.#field;
    const nameFrom = field && this.lastNames.get(field);
    const member = field && nameFrom !== undefined ? { field, index: this.#index, nameFrom } : undefined;
    this.places.push({ from, end, member });
  }
}

/** A name may be written with escapes, such as `p\u0061yload`: six characters for each at most. */
function isName(text: string, from: number, end: number, name: string): boolean {
  if (end - from === name.length + 2) return text.startsWith(name, from + 1);
  if (end - from > (name.length + 2) * 6) return false;
  const written = text.slice(from, end);
  return written.includes('\\') && JSON.parse(written) === name;
}
