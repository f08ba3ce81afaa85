import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/*
 * An HTTP client that sends whatever it is told to, byte by byte: fetch and node:http refuse to send what a hostile
 * client sends.
 */

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Why no answer came: the connection was closed, or stayed silent. */
export type NoAnswer = 'closed' | 'silent';

/** One connection. Requests go one after the other. */
export class RawConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #isClosed = false;
  #wake: () => void = () => undefined;
  #writable: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('error', () => undefined); // it is closed then
    socket.on('drain', () => this.#writable());
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
      this.#writable();
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  get isClosed(): boolean {
    return this.#isClosed || !this.#socket.writable;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Sends parts, each when the one before it has left. Stops when the connection is closed. */
  async send(parts: Iterable<string | Buffer>): Promise<void> {
    for (const part of parts) {
      if (this.isClosed) return;
      if (this.#socket.write(part)) continue;
      await new Promise<void>((resolve) => {
        this.#writable = resolve;
      });
    }
  }

  /** Closes the sending side only: what the client still has to say never comes. */
  endSending(): void {
    this.#socket.end();
  }

  /** Waits until the server closes the connection. Answers that come meanwhile are thrown away. */
  async closed(limitMs = 15_000): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (!this.#isClosed && performance.now() < deadline) {
      await this.#change(deadline - performance.now());
      this.#received = Buffer.alloc(0);
    }
    return this.#isClosed;
  }

  /** The next answer. `method` is that of its request: an answer to HEAD has no body. */
  async answer(method = 'GET', limitMs = 15_000): Promise<RawAnswer | NoAnswer> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const parsed = parseAnswer(this.#received, method, this.#isClosed);
      if (parsed !== undefined) {
        this.#received = this.#received.subarray(parsed.bytes);
        if (parsed.answer.status >= 200) return parsed.answer;
      } else if (this.#isClosed) return 'closed';
      else if (performance.now() > deadline) return 'silent';
      else await this.#change(deadline - performance.now());
    }
  }

  #change(limitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(limitMs, 1));
    this.#wake = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise;
  }
}

/** Opens a connection, sends the parts, returns the answer, and closes. */
export async function exchange(
  port: number,
  parts: Iterable<string | Buffer>,
  { method = 'GET', limitMs = 15_000 } = {},
): Promise<RawAnswer | NoAnswer> {
  const connection = await RawConnection.open(port);
  try {
    const sent = connection.send(parts).catch(() => undefined); // an answer may come before all is sent
    const answer = await connection.answer(method, limitMs);
    if (answer === 'silent') await sent;
    return answer;
  } finally {
    connection.close();
  }
}

interface Parsed {
  readonly answer: RawAnswer;
  /** How many bytes of what was received it takes. */
  readonly bytes: number;
}

/** Undefined while a part is missing. Throws for what is not HTTP. */
function parseAnswer(received: Buffer, method: string, isClosed: boolean): Parsed | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [statusLine = '', ...lines] = received.toString('latin1', 0, headEnd).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw new Error(`expected an HTTP answer; got ${JSON.stringify(statusLine)}`);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const from = headEnd + 4;
  const done = (body: string, bytes: number) => ({ answer: { status, headers, body }, bytes });
  const isBodiless = method === 'HEAD' || status < 200 || status === 204 || status === 304;
  if (isBodiless) return done('', from);
  if (headers.get('transfer-encoding') === 'chunked') return parseChunks(received, from, done);
  const length = headers.get('content-length');
  if (length === undefined)
    return isClosed ? done(received.toString('latin1', from), received.length) : undefined;
  const end = from + Number(length);
  return received.length < end ? undefined : done(received.toString('utf8', from, end), end);
}

function parseChunks(
  received: Buffer,
  from: number,
  done: (body: string, bytes: number) => Parsed,
): Parsed | undefined {
  const chunks: Buffer[] = [];
  let at = from;
  for (;;) {
    const lineEnd = received.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(received.toString('latin1', at, lineEnd), 16);
    const [begin, end] = [lineEnd + 2, lineEnd + 2 + size];
    if (received.length < end + 2) return undefined;
    if (size === 0) return done(Buffer.concat(chunks).toString(), end + 2);
    chunks.push(received.subarray(begin, end));
    at = end + 2;
  }
}

/** Sends text as it is and returns all that comes back until the server closes the connection: fetch would set Host and Origin itself. */
export async function sendText(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

/** The status of an answer as text. */
export const statusOf = (answer: string) => Number(answer.split(' ', 2)[1]);
