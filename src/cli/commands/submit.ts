import { text as readText } from 'node:stream/consumers';
import type { TaskSettings } from '../../client/index.ts';
import { type Command, JSON_OPTION, text, wholeNumber } from '../command.ts';
import { EXIT, optionInvalid } from '../exit-codes.ts';
import { endOf, printSummary } from '../terminal/task-text.ts';

type Values = Parameters<typeof text>[0];

export const submit: Command = {
  usage: 'TYPE [JSON]',
  description: `Submits a task of this event type. The payload is JSON, or - to read it from standard input; without it, null.
After a 503 it sends the task again under the same key.`,
  options: {
    key: {
      type: 'string',
      value: 'KEY',
      description: 'the Idempotency-Key: the same key makes no second task',
    },
    queue: { type: 'string', value: 'QUEUE', description: 'the queue; by default its event type chooses it' },
    priority: {
      type: 'string',
      value: 'NUMBER',
      description: 'from 0 (first, the default) to 2097152 (last)',
    },
    'delay-ms': { type: 'string', value: 'MS', description: 'milliseconds until it is due' },
    'max-attempts': { type: 'string', value: 'NUMBER', description: 'from 1 to 100' },
    children: {
      type: 'string',
      value: 'JSON',
      description: 'a list of tasks to run before, as [{"event_type": "part.build", "payload": 1}]',
    },
    next: { type: 'string', value: 'JSON', description: 'a list of tasks to run after it, one by one' },
    dedupe: {
      type: 'string',
      value: 'ID',
      description: 'adds none while another task of TYPE with this ID has not ended',
    },
    'throttle-ms': { type: 'string', value: 'MS', description: 'with --dedupe: none within this time' },
    'debounce-ms': {
      type: 'string',
      value: 'MS',
      description: 'with --dedupe: only the last one, this time after it',
    },
    follow: { type: 'boolean', short: 'f', description: 'waits until the task has ended, and prints it' },
    ...JSON_OPTION,
  },
  arguments: { least: 1, most: 2 },
  run: async ({ arguments: [eventType = '', given], values, isJson, terminal, stdin, client }) => {
    const payload = await readPayload(given, stdin);
    const api = client(values.follow === true ? 60_000 : undefined);
    const submitted = await api.submit(eventType, payload, {
      idempotencyKey: text(values, 'key'),
      ...withoutUndefined({
        queue: text(values, 'queue'),
        priority: wholeNumber(values, 'priority'),
        delay_ms: wholeNumber(values, 'delay-ms'),
        max_attempts: wholeNumber(values, 'max-attempts'),
        children: tasksOf(values, 'children'),
        next: tasksOf(values, 'next'),
        deduplication: deduplicationOf(values),
      }),
    });
    if (values.follow === true && !isJson) terminal.note(`submitted ${submitted.id}`);
    if (values.follow === true) return endOf(submitted.id, { api, terminal, isJson });
    printSummary(submitted, { terminal, isJson });
    return EXIT.done;
  },
};

function deduplicationOf(values: Values): TaskSettings['deduplication'] {
  const id = text(values, 'dedupe');
  const [throttleMs, debounceMs] = [wholeNumber(values, 'throttle-ms'), wholeNumber(values, 'debounce-ms')];
  if (throttleMs !== undefined && debounceMs !== undefined)
    throw optionInvalid('expected --throttle-ms or --debounce-ms; got both');
  const ttl_ms = throttleMs ?? debounceMs;
  if (id === undefined && ttl_ms !== undefined)
    throw optionInvalid('expected --dedupe with --throttle-ms and --debounce-ms; got none');
  if (id === undefined || ttl_ms === undefined) return id === undefined ? undefined : { id };
  return { id, mode: throttleMs === undefined ? 'debounce' : 'throttle', ttl_ms };
}

/** The orchestrator refuses what are no tasks. */
function tasksOf(values: Values, name: 'children' | 'next'): TaskSettings[typeof name] {
  const given = text(values, name);
  return given === undefined ? undefined : (parse(given, `--${name}`) as TaskSettings[typeof name]);
}

/** Numbers keep their digits, so that the orchestrator refuses those that it cannot keep, instead of rounding them here. */
async function readPayload(given: string | undefined, stdin: NodeJS.ReadableStream): Promise<unknown> {
  if (given === undefined) return null;
  const source = given === '-' ? await readText(stdin) : given;
  return parse(source, 'a payload');
}

function parse(source: string, what: string): unknown {
  try {
    return JSON.parse(source, keepDigits as Parameters<typeof JSON.parse>[1]); // its type lacks the third argument
  } catch (error) {
    const problem = (error as SyntaxError).message; // JSON.parse throws nothing else
    throw optionInvalid(`expected ${what} in JSON, as '{"path": "."}'; got: ${problem}`);
  }
}

/** Of the ECMAScript proposal JSON.parse source text access, which Node 24 has and the compiler's library does not. */
const { rawJSON } = JSON as unknown as { rawJSON(source: string): unknown };

function keepDigits(_: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === 'number' && source !== undefined ? rawJSON(source) : value;
}

function withoutUndefined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const set = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set) as { [K in keyof T]?: NonNullable<T[K]> }; // filtered above
}
