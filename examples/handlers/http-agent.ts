import { type Dispatcher, request } from 'undici';
import type { TaskContext, TaskHandler } from '../../src/workers/handler.ts';
import { PermanentError } from './permanent-error.ts';

export interface HttpAgentOptions {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

const SHOWN_BODY_CHARACTERS = 300;

/**
 * Returns a handler that POSTs `{id, event_type, attempt, payload}` to an HTTP agent. The JSON of the response is the
 * result. The id of the task is the Idempotency-Key, because an agent may receive a task more than once. The handler
 * follows no redirects. A 3xx, or a 4xx other than 408 and 429, ends the task; after any other failure it is retried.
 */
export function httpAgent(options: HttpAgentOptions): TaskHandler {
  return async (task) => {
    const limit = AbortSignal.timeout(options.timeoutMs);
    try {
      return await call(options, task, AbortSignal.any([task.signal, limit]));
    } catch (error) {
      if (task.signal.aborted || !limit.aborted) throw error;
      throw new Error(`${options.url}: expected a response within ${options.timeoutMs} ms; got none`, {
        cause: error,
      });
    }
  };
}

async function call(
  { url, headers, timeoutMs, maxResponseBytes }: HttpAgentOptions,
  { id, eventType, attempt, payload }: TaskContext,
  signal: AbortSignal,
): Promise<unknown> {
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'idempotency-key': id,
      ...headers,
    },
    body: JSON.stringify({ id, event_type: eventType, attempt, payload }),
    signal,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const text = await readText(body, maxResponseBytes, url);
  if (statusCode < 200 || statusCode > 299) throw refused(url, statusCode, text);
  return text === '' ? null : parse(text, url);
}

async function readText(
  body: Dispatcher.ResponseData['body'],
  maxBytes: number,
  url: string,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The throw ends the loop, which destroys the body and closes the connection.
    if (size > maxBytes)
      throw new PermanentError(`${url}: expected a response of at most ${maxBytes} bytes; got more`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refused(url: string, status: number, text: string): Error {
  const message = `${url}: expected a 2xx status; got ${status} ${shown(text)}`;
  const isFinal = status < 500 && status !== 408 && status !== 429;
  return isFinal ? new PermanentError(message) : new Error(message);
}

function parse(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${url}: expected JSON; got ${shown(text)}`, { cause: error });
  }
}

function shown(text: string): string {
  return text.slice(0, SHOWN_BODY_CHARACTERS).trim();
}
