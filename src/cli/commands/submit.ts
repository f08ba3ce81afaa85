import { text as readText } from 'node:stream/consumers';
import { type Command, JSON_OPTION, text, wholeNumber } from '../command.ts';
import { EXIT, optionInvalid } from '../exit-codes.ts';
import { endOf, printSummary } from '../terminal/task-text.ts';

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
    priority: {
      type: 'string',
      value: 'NUMBER',
      description: 'from 0 (first, the default) to 2097152 (last)',
    },
    'delay-ms': { type: 'string', value: 'MS', description: 'milliseconds until it is due' },
    'max-attempts': { type: 'string', value: 'NUMBER', description: 'from 1 to 100' },
    follow: { type: 'boolean', short: 'f', description: 'waits until the task has ended, and prints it' },
    ...JSON_OPTION,
  },
  arguments: { least: 1, most: 2 },
  run: async ({ arguments: [eventType = '', given], values, isJson, terminal, client }) => {
    const payload = await readPayload(given);
    const api = client(values.follow === true ? 60_000 : undefined);
    const submitted = await api.submit(eventType, payload, {
      idempotencyKey: text(values, 'key'),
      ...withoutUndefined({
        priority: wholeNumber(values, 'priority'),
        delay_ms: wholeNumber(values, 'delay-ms'),
        max_attempts: wholeNumber(values, 'max-attempts'),
      }),
    });
    if (values.follow === true && !isJson) terminal.note(`submitted ${submitted.id}`);
    if (values.follow === true) return endOf(submitted.id, { api, terminal, isJson });
    printSummary(submitted, { terminal, isJson });
    return EXIT.done;
  },
};

/** Numbers keep their digits, so that the orchestrator refuses those that it cannot keep, instead of rounding them here. */
async function readPayload(given: string | undefined): Promise<unknown> {
  if (given === undefined) return null;
  const source = given === '-' ? await readText(process.stdin) : given;
  try {
    return JSON.parse(source, keepDigits as Parameters<typeof JSON.parse>[1]); // its type lacks the third argument
  } catch (error) {
    const problem = (error as SyntaxError).message; // JSON.parse throws nothing else
    throw optionInvalid(`expected a payload in JSON, as '{"path": "."}'; got: ${problem}`);
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
