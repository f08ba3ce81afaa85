import { Connection, type ResponseListener } from './connection.ts';

/** With this the listener slows down or ends the response that it gets. */
export interface ResponseFlow {
  /** The server sends no more of the response until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends the exchange. The listener is called no more. */
  abort(): void;
}

/** A request that waits for a connection, or that has one. */
class Exchange implements ResponseFlow {
  readonly #request: string;
  readonly #listener: ResponseListener;
  #connection: Connection | undefined;
  #isAborted = false;

  constructor(request: string, listener: ResponseListener) {
    this.#request = request;
    this.#listener = listener;
  }

  pause(): void {
    this.#connection?.pause(this.#listener);
  }

  resume(): void {
    this.#connection?.resume(this.#listener);
  }

  abort(): void {
    this.#isAborted = true;
    this.#connection?.abort(this.#listener);
  }

  get isAborted(): boolean {
    return this.#isAborted;
  }

  start(connection: Connection): void {
    this.#connection = connection;
    connection.send(this.#request, this.#listener);
  }

  fail(error: Error): void {
    if (!this.#isAborted) this.#listener.fail(error);
  }
}

/** Connections to one server, which are used again. A request waits for one when all are busy. */
export class ConnectionPool {
  readonly #url: URL;
  readonly #size: number;
  readonly #open = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #waiting: Exchange[] = [];
  #isClosed = false;

  /** Of the URL, only the protocol, the host and the port count. */
  constructor(url: URL, size: number) {
    this.#url = url;
    this.#size = size;
  }

  /** Sends a request, in ASCII. The listener is first called after this has returned. */
  send(request: string, listener: ResponseListener): ResponseFlow {
    const exchange = new Exchange(request, listener);
    if (this.#isClosed) queueMicrotask(() => exchange.fail(new Error('the pool is closed')));
    else if (this.#idle.length === 0 && this.#open.size >= this.#size) this.#waiting.push(exchange);
    else exchange.start(this.#idle.pop() ?? this.#connect()); // the one used last, so that the others can go
    return exchange;
  }

  /** Closes all connections. The requests fail that wait or are under way. */
  close(): void {
    this.#isClosed = true;
    const error = new Error('the pool was closed');
    for (const connection of this.#open) connection.close(error);
    for (const exchange of this.#waiting.splice(0)) exchange.fail(error);
  }

  #connect(): Connection {
    const connection = new Connection(this.#url, {
      onFree: () => {
        const next = this.#nextWaiting();
        if (next === undefined) this.#idle.push(connection);
        else next.start(connection);
      },
      onClosed: () => {
        this.#open.delete(connection);
        const index = this.#idle.indexOf(connection);
        if (index !== -1) this.#idle.splice(index, 1);
        if (!this.#isClosed) this.#nextWaiting()?.start(this.#connect());
      },
    });
    this.#open.add(connection);
    return connection;
  }

  #nextWaiting(): Exchange | undefined {
    let next = this.#waiting.shift();
    while (next?.isAborted) next = this.#waiting.shift();
    return next;
  }
}
