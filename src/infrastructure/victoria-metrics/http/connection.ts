import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ResponseParser, type ResponseParts } from './response-parser.ts';

const CONNECT_TIMEOUT_MS = 3_000;

/** Servers wait longer for the next request. One that closes the connection first could lose a request. */
const IDLE_MS = 4_000;

/** A query may take longer than a network keeps a connection on which nothing comes. */
const TCP_KEEP_ALIVE_MS = 60_000;

/** Each read of a connection fills this memory anew. Node alone would take new memory for each. */
const READ_BYTES = 64 * 1024;

/** Gets the response to one request, or the error that replaces what has not come of it. */
export interface ResponseListener extends ResponseParts {
  fail(error: Error): void;
}

export interface ConnectionEvents {
  /** The response has come, and the connection can take another request. */
  onFree(): void;
  /** Called once. */
  onClosed(): void;
}

/** A connection to the server of a URL. It takes one request at a time. */
export class Connection {
  readonly #events: ConnectionEvents;
  readonly #socket: Socket;
  readonly #parser = new ResponseParser();
  /** Of the request under way. */
  #listener: ResponseListener | undefined;
  #isConnected = false;
  #isClosed = false;

  constructor(url: URL, events: ConnectionEvents) {
    this.#events = events;
    this.#socket = openSocket(url, (piece) => this.#read(piece));
    const timer = setTimeout(() => this.#giveUp(), CONNECT_TIMEOUT_MS);
    this.#socket
      .once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        this.#isConnected = true;
        clearTimeout(timer);
      })
      .once('close', () => clearTimeout(timer))
      .once('end', () => this.#end())
      .on('error', (error) => this.close(error))
      .on('timeout', () => this.#listener ?? this.close())
      .setTimeout(IDLE_MS)
      .setKeepAlive(true, TCP_KEEP_ALIVE_MS);
  }

  /** Sends a request, in ASCII. The methods below do nothing with a listener that is not the one of the last request. */
  send(request: string, listener: ResponseListener): void {
    this.#listener = listener;
    this.#parser.begin(listener);
    this.#socket.write(request, 'latin1');
  }

  pause(listener: ResponseListener): void {
    if (this.#listener === listener) this.#socket.pause();
  }

  resume(listener: ResponseListener): void {
    if (this.#listener === listener) this.#socket.resume();
  }

  /** Closes the connection, unless the response is over. The listener is called no more. */
  abort(listener: ResponseListener): void {
    if (this.#listener !== listener || this.#parser.isOver) return;
    this.#listener = undefined;
    this.close();
  }

  /** Closes the connection. A request under way fails. */
  close(error = new Error('the connection closed')): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const listener = this.#listener;
    this.#listener = undefined;
    this.#parser.stop();
    this.#socket.destroy();
    listener?.fail(error);
    this.#events.onClosed();
  }

  #read(piece: Buffer): void {
    try {
      if (this.#listener === undefined) throw new Error('expected nothing without a request');
      this.#parser.push(piece);
    } catch (error) {
      this.close(error as Error); // the parser throws nothing else
      return;
    }
    if (this.#isClosed || !this.#parser.isOver) return;
    this.#listener = undefined;
    if (!this.#parser.keepsAlive) {
      this.close();
      return;
    }
    if (this.#socket.isPaused()) this.#socket.resume(); // so that its end is seen
    // What the server sent behind the response, or its end, comes first.
    setImmediate(() => this.#isClosed || this.#events.onFree());
  }

  /** After a stall of this process, a connection that is there has not been noticed yet. */
  #giveUp(): void {
    setImmediate(() => {
      if (!this.#isConnected) this.close(new Error(`expected a connection within ${CONNECT_TIMEOUT_MS} ms`));
    });
  }

  /** The server sends no more. */
  #end(): void {
    if (this.#listener !== undefined && this.#parser.endOfConnection()) this.#listener = undefined;
    this.close(new Error('the connection ended before the response'));
  }
}

function openSocket({ protocol, hostname, port }: URL, read: (piece: Buffer) => void): Socket {
  const isTls = protocol === 'https:';
  const host = hostname.replace(/^\[|\]$/g, ''); // those of an IPv6 address
  const memory = Buffer.allocUnsafeSlow(READ_BYTES);
  const options = {
    host,
    port: Number(port || (isTls ? 443 : 80)),
    noDelay: true,
    onread: {
      buffer: memory,
      callback: (bytes: number) => {
        read(memory.subarray(0, bytes));
        return true;
      },
    },
  };
  if (!isTls) return connectTcp(options);
  return connectTls({
    ...options,
    ...(isIP(host) === 0 && { servername: host }),
    ALPNProtocols: ['http/1.1'],
  });
}
