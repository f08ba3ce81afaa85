import { dirname, resolve } from 'node:path';
import type { ErrorObject } from 'ajv';
import { type Static, Type } from 'typebox';
import { compileSchema } from '../../shared/compile-schema.ts';
import { configInvalid } from '../../shared/errors.ts';
import { type FileListeners, followFile, readFollowed } from '../../shared/service/followed-file.ts';
import { describeSchemaError } from '../../shared/service/schema-errors.ts';

/*
 * The webhooks of WEBHOOKS_FILE, JSON:
 *
 *   { "webhooks": [{ "name": "orders", "url": "https://shop.example/hooks", "secrets": ["whsec_…"] }] }
 */

const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;
/** By the specification of Standard Webhooks. */
const [FEWEST_BYTES, MOST_BYTES] = [24, 64];

const WebhookEntry = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z0-9][a-z0-9_-]{0,62}$',
      description: 'a name of up to 63 of a-z 0-9 _ -',
    }),
    url: Type.String({ description: 'http(s)://host[:port]/path without a password' }),
    secrets: Type.Optional(Type.Array(Type.String(), { description: 'a list of secrets such as whsec_…' })),
    secret_files: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { description: 'a list of files, each with a secret' }),
    ),
    events: Type.Optional(
      Type.Array(Type.Enum(['completed', 'dead']), { minItems: 1, description: 'a list of completed, dead' }),
    ),
    event_types: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^(\\*|[a-z][a-z0-9_.-]{0,63}\\*?)$',
          description: 'an event type, or its beginning with a * at the end',
        }),
        { minItems: 1, description: 'a list of event types' },
      ),
    ),
    timeout_seconds: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 60, description: 'a number above 0, at most 60' }),
    ),
    attempts: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'a whole number from 1 to 100' }),
    ),
    allow_http: Type.Optional(Type.Boolean({ description: 'true or false' })),
  },
  { additionalProperties: false, description: 'an object with name, url and secrets or secret_files' },
);
const WebhooksFile = Type.Object(
  { webhooks: Type.Array(WebhookEntry, { maxItems: 100, description: 'a list of at most 100 webhooks' }) },
  { additionalProperties: false, description: 'an object with webhooks' },
);
type Entry = Static<typeof WebhookEntry>;

const isWebhooksFile = compileSchema<Static<typeof WebhooksFile>>(WebhooksFile);

type EndStatus = 'completed' | 'dead';

/** Data only, so that two contents of the file can be compared. */
export interface Webhook {
  readonly name: string;
  readonly url: string;
  readonly secrets: readonly Buffer[];
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly events: readonly EndStatus[];
  /** Event types, or beginnings of them with a `*` at the end. */
  readonly eventTypes: readonly string[];
}

/** Returns whether a webhook wants to know of this end. */
export function wants({ events, eventTypes }: Webhook, status: EndStatus, eventType: string): boolean {
  const fits = (pattern: string) =>
    pattern.endsWith('*') ? eventType.startsWith(pattern.slice(0, -1)) : eventType === pattern;
  return events.includes(status) && eventTypes.some(fits);
}

/** Tells of changes of the file and of the files with its secrets. */
export function followWebhooks(
  path: string,
  first: readonly Webhook[],
  listeners: FileListeners<readonly Webhook[]>,
): () => void {
  return followFile(first, () => readWebhooks(path), listeners);
}

/** Returns the webhooks of a file. Rejects with ASDLC_CONFIG_INVALID that names the place, and shows no secret and no URL. */
export async function readWebhooks(path: string): Promise<readonly Webhook[]> {
  let content: unknown;
  try {
    content = JSON.parse(await readFollowed(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // of the file; JSON's errors have none, and quote the text
    throw invalid(path, `expected a file with JSON; got ${code ?? 'another text'}`);
  }
  if (!isWebhooksFile(content)) throw invalid(path, describeFirst(isWebhooksFile.errors ?? []));
  const names = content.webhooks.map(({ name }) => name);
  const again = names.findIndex((name, index) => names.indexOf(name) < index);
  if (again !== -1)
    throw invalid(path, `webhooks.${again}.name: expected one of its own; another webhook has the same`);
  return Promise.all(content.webhooks.map((entry, index) => toWebhook(entry, path, `webhooks.${index}`)));
}

async function toWebhook(entry: Entry, path: string, place: string): Promise<Webhook> {
  const { name, timeout_seconds = 10, attempts = 20 } = entry;
  const { events = ['completed', 'dead'], event_types: eventTypes = ['*'] } = entry;
  return {
    name,
    url: readUrl(entry, path, place),
    secrets: await readSecrets(entry, path, place),
    timeoutMs: timeout_seconds * 1000,
    attempts,
    events,
    eventTypes,
  };
}

function readUrl({ url: text, allow_http = false }: Entry, path: string, place: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const expected = `${place}.url: expected http(s)://host[:port]/path without a password`;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw invalid(path, `${expected}; got another text`);
  if (url.username !== '' || url.password !== '') throw invalid(path, `${expected}; got one with`);
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isLoopback && !allow_http) {
    throw invalid(path, `${place}.url: expected https, or "allow_http": true; got http to another machine`);
  }
  return url.href;
}

async function readSecrets(
  { secrets = [], secret_files = [] }: Entry,
  path: string,
  place: string,
): Promise<Buffer[]> {
  const given = secrets.map((text, i) => ({ text, from: `${place}.secrets.${i}` }));
  const read = secret_files.map(async (file, i) => {
    const from = `${place}.secret_files.${i}`;
    const text = await readFollowed(resolve(dirname(path), file)).catch((error: NodeJS.ErrnoException) => {
      throw invalid(path, `${from}: expected a file that can be read; got ${error.code}`);
    });
    return { text: text.trim(), from };
  });
  const all = [...given, ...(await Promise.all(read))];
  if (all.length === 0)
    throw invalid(path, `${place}: expected a secret in secrets or secret_files; got none`);
  return all.map(({ text, from }) => {
    const secret = Buffer.from(SECRET.exec(text)?.[1] ?? '', 'base64');
    if (secret.length >= FEWEST_BYTES && secret.length <= MOST_BYTES) return secret;
    const expected = `whsec_ and ${FEWEST_BYTES} to ${MOST_BYTES} bytes in base64`;
    throw invalid(path, `${from}: expected ${expected}; got another text (not shown)`);
  });
}

/** A value may be a secret, or a URL with one. */
function describeFirst([error]: readonly ErrorObject[]): string {
  if (error === undefined) return 'expected an object with webhooks';
  const isSecret = /\/(secrets|secret_files|url)\b/.test(error.instancePath);
  return describeSchemaError(isSecret ? { ...error, data: 'another value' } : error, 'file');
}

function invalid(path: string, problem: string) {
  return configInvalid([`WEBHOOKS_FILE (${path}): ${problem}`]);
}
