import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { ErrorObject } from 'ajv';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { Type } from 'typebox';
import { createAjv } from '../compile-schema.ts';
import { AsdlcError, inputInvalid } from '../errors.ts';
import type { Logger } from './logging.ts';
import { describeSchemaError } from './schema-errors.ts';
import { createSerializers } from './serializers.ts';

/** The body of every error outside the query API. */
export const ErrorBody = Type.Object(
  {
    code: Type.String({ description: 'stable: match on it', examples: ['ASDLC_INPUT_INVALID'] }),
    message: Type.String({ description: 'what was expected and what it got' }),
  },
  { title: 'Error' },
);

const MIB = 1024 * 1024;

/** Four times the largest body that any route takes. */
const MAX_THROWN_AWAY_BYTES = 64 * MIB;

/** A message may show a name of a megabyte. */
const MAX_MESSAGE_LENGTH = 1_000;

/** Of a part of the path that stands for an id or a name. */
const MAX_PARAMETER_LENGTH = 200;

const NOT_FOUND_PAGE = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Not found</title></head>
  <body><h1>There is no such page</h1><p><a href="/">Go to the start page</a></p></body>
</html>
`;

/** Of every answer. */
const STANDARD_HEADERS = { 'x-content-type-options': 'nosniff' };

/** A client that takes nothing of the rest of its answer for so long is closed: Node would keep the answer for ever. */
const TAKE_LIMIT_MS = 30_000;

/** At a stop, the server closes connections that are still busy after this. */
const CLOSE_LIMIT_MS = 3_000;

/** Answers requests under `prefix` that the router refuses: errors have another body there. */
export interface Refusals {
  readonly prefix: string;
  readonly answer: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void;
}

export interface HttpServerOptions {
  readonly refusals?: Refusals;
  /** Proxies whose X-Forwarded-For names the client: addresses or networks, separated by commas. */
  readonly trustedProxies?: string | undefined;
}

/**
 * Returns a Fastify server as both services use it. It coerces and drops nothing in bodies, and has time limits against
 * slow senders, and against clients that do not read. Errors have the shape of ErrorBody; the text of internal errors stays
 * in the log.
 */
export function createHttpServer(logger: Logger, { refusals, trustedProxies }: HttpServerOptions = {}) {
  const app = Fastify({
    loggerInstance: logger as FastifyBaseLogger, // the wider type, so that plugins for any logger fit
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MIB,
    requestTimeout: 9_000,
    // Without a Host header Node would answer 400 with no body: a hook below does it.
    http: { headersTimeout: 4_000, connectionsCheckingInterval: 500, requireHostHeader: false },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: trustedProxies ?? false,
    clientErrorHandler: answerClientError,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    frameworkErrors: (error, request, reply) => {
      reply.headers(STANDARD_HEADERS);
      if (refusals && request.url.startsWith(refusals.prefix)) refusals.answer(error, request, reply);
      else answerError(error, request, reply);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  const strict = createAjv();
  const coercing = createAjv({ coerceTypes: 'array', useDefaults: true });
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? strict : coercing).compile(schema as object),
  );
  app.setSerializerCompiler(createSerializers());
  app.setSchemaErrorFormatter(
    (errors, part) => new Error(describeSchemaError(errors[0] as ErrorObject, part)),
  );
  ignoreBodies(app);
  readRefusedBodies(app);
  addStandardHeaders(app);
  boundClosing(app);
  boundTaking(app);
  app.server.on('checkExpectation', answerExpectation);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);
  return app;
}

export type HttpServer = ReturnType<typeof createHttpServer>;

/** A route that takes no body keeps none: whatever comes, of whatever type, is thrown away before the route answers. */
function ignoreBodies(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _, done) => {
    const { raw, headers } = request;
    if (raw.method === 'GET' || raw.method === 'HEAD') {
      const isSent = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
      if (isSent) throwAway(raw); // Fastify leaves it
    } else if (headers['content-type'] !== undefined && request.routeOptions.schema?.body === undefined) {
      delete headers['content-type']; // Fastify answers 415 to some
    }
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_, body, done) => {
    body.once('end', () => done(null));
    throwAway(body);
  });
}

/**
 * What follows a refusal is still read, and thrown away: a client whose connection is closed while it sends gets no
 * answer.
 */
function readRefusedBodies(app: FastifyInstance): void {
  app.addHook('onError', ({ raw }, reply, _, done) => {
    if (!raw.complete) {
      reply.removeHeader('connection'); // Fastify's, after an error of a content type parser
      throwAway(raw);
    }
    done();
  });
}

/** Reads a body to its end. A sender that never ends is closed: by this bound, or by the time limit of the request. */
function throwAway(body: IncomingMessage): void {
  let bytes = 0;
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_THROWN_AWAY_BYTES) body.destroy();
  });
  body.resume();
}

function addStandardHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(STANDARD_HEADERS);
    const isNamed = request.headers.host !== undefined || request.raw.httpVersion === '1.0';
    done(isNamed ? undefined : inputInvalid('expected a Host header; got none'));
  });
}

/**
 * A request that comes while the server closes is answered: its connection was accepted, and a balancer would not send it
 * to another process. Fastify ends the connection with the answer. At the limit, those that are still busy are closed.
 */
function boundClosing(app: FastifyInstance): void {
  app.addHook('preClose', (done) => {
    setTimeout(() => app.server.closeAllConnections(), CLOSE_LIMIT_MS).unref();
    done();
  });
}

/** The limit begins when the answer is complete here; as soon as the client has all of it, Node's own limits hold again. */
function boundTaking(app: FastifyInstance): void {
  app.addHook('onRequest', (_, { raw }, done) => {
    raw.once('prefinish', () => {
      if (raw.socket instanceof Socket) raw.socket.setTimeout(TAKE_LIMIT_MS); // an injected request has another
    });
    done();
  });
}

/** An `Expect` header that asks for anything but 100-continue. */
function answerExpectation({ headers }: IncomingMessage, response: ServerResponse): void {
  const message = `expect: expected 100-continue; got ${JSON.stringify(headers.expect?.slice(0, 100))}`;
  response
    .writeHead(417, {
      ...STANDARD_HEADERS,
      'content-type': 'application/json; charset=utf-8',
      connection: 'close',
    })
    .end(JSON.stringify({ code: 'ASDLC_EXPECTATION_FAILED', message }));
}

function answerError(error: FastifyError | AsdlcError, request: FastifyRequest, reply: FastifyReply) {
  const status = error.statusCode ?? 500;
  if (status >= 500) {
    // The service has logged that a dependency is away; a line for each request would flood the log.
    const level = error instanceof AsdlcError ? 'debug' : 'error';
    request.log[level]({ error, method: request.method, route: request.routeOptions.url }, 'request failed');
  }
  if (error instanceof AsdlcError && error.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(error.retryAfterSeconds));
  }
  if (status >= 500 && !(error instanceof AsdlcError)) {
    return reply.code(500).send({ code: 'ASDLC_INTERNAL', message: 'The request failed; the log says why.' });
  }
  const message = status === 415 ? 'content-type: expected application/json' : messageOf(error, request);
  return reply.code(status).send({ code: codeOf(error, status), message });
}

/** Returns what a client is told: of Fastify's own errors what was expected, of others their message. */
export function messageOf(error: Error & { code?: string }, { routeOptions, url }: FastifyRequest): string {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return `body: expected at most ${routeOptions.bodyLimit} bytes; got more`;
    case 'FST_ERR_BAD_URL':
      return shortened(`path: expected escapes such as %20, of UTF-8; got ${JSON.stringify(url)}`);
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return `path: expected parts of at most ${MAX_PARAMETER_LENGTH} characters; got a longer one`;
    default:
      return shortened(error.message);
  }
}

function shortened(message: string): string {
  return message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message;
}

/** A program gets JSON; a browser that opened a wrong address gets a page that leads on. */
function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.code(404);
  if (request.method === 'GET' && /\btext\/html\b/.test(request.headers.accept ?? '')) {
    return reply
      .headers({ 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" })
      .type('text/html; charset=utf-8')
      .send(NOT_FOUND_PAGE);
  }
  const path = request.url.split('?', 1)[0]?.slice(0, 200);
  return reply.send({ code: 'ASDLC_NOT_FOUND', message: `No route ${request.method} ${path}.` });
}

/** Answers what Node's HTTP parser or its time limits refused, before there was a request. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const [status, code, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [
          '431 Request Header Fields Too Large',
          'ASDLC_HEADERS_TOO_LARGE',
          'expected at most 16 KiB of URL and headers; got more',
        ]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [
            '408 Request Timeout',
            'ASDLC_REQUEST_TIMEOUT',
            'expected the whole request in time; got only a part of it',
          ]
        : ['400 Bad Request', 'ASDLC_INPUT_INVALID', 'expected an HTTP/1.1 request; got something else'];
  const body = JSON.stringify({ code, message });
  const headers = `x-content-type-options: nosniff\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${body.length}\r\nconnection: close`;
  // A client that never closes its side would hold the socket, so the server destroys it.
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`, () => socket.destroy());
  else socket.destroy();
}

function codeOf(error: FastifyError | AsdlcError, status: number): string {
  if (error instanceof AsdlcError) return error.code;
  if (status === 413) return 'ASDLC_PAYLOAD_TOO_LARGE';
  if (status === 415) return 'ASDLC_MEDIA_TYPE_UNSUPPORTED';
  return 'ASDLC_INPUT_INVALID';
}
