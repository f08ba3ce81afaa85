import { until } from './until.ts';

export interface SentEvent {
  readonly id: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape; tests look only at what they expect
  readonly data: any;
}

/** An open stream of server-sent events. */
export interface OpenEvents {
  readonly status: number;
  readonly headers: Headers;
  /** What came so far, and whether the server ended the stream. */
  readonly events: SentEvent[];
  readonly comments: string[];
  isEnded: boolean;
  /** Waits for an event for which `find` holds. */
  next(what: string, find: (event: SentEvent) => boolean): Promise<SentEvent>;
  close(): void;
}

/** Opens a stream, and reads it by the rules of the specification (WHATWG HTML, section 9.2). */
export async function openEvents(url: string, headers: Record<string, string> = {}): Promise<OpenEvents> {
  const leaving = new AbortController();
  const response = await fetch(url, { headers, signal: leaving.signal });
  const stream: OpenEvents = {
    status: response.status,
    headers: response.headers,
    events: [],
    comments: [],
    isEnded: false,
    next: (what, find) => until(what, () => stream.events.find(find)),
    close: () => leaving.abort(),
  };
  void read(response, stream).catch(() => undefined);
  return stream;
}

async function read(response: Response, stream: OpenEvents): Promise<void> {
  let text = '';
  let id = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields: Record<string, string> = {};
      for (const line of block.split('\n')) {
        if (line.startsWith(':')) stream.comments.push(line);
        const [, name = '', value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
        fields[name] = value;
      }
      id = fields.id ?? id;
      if (fields.data !== undefined)
        stream.events.push({ id, event: fields.event ?? 'message', data: JSON.parse(fields.data) });
    }
  }
  stream.isEnded = true;
}
