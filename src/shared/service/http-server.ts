import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Ajv, type ErrorObject } from 'ajv';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { Type } from 'typebox';
import { AsdlcError, unauthorized } from '../errors.ts';
import type { Logger } from './logging.ts';

/** The body of every error outside the query API. */
export const ErrorBody = Type.Object(
  {
    code: Type.String({ description: 'stable: match on it', examples: ['ASDLC_INPUT_INVALID'] }),
    message: Type.String({ description: 'what was expected and what it got' }),
  },
  { $id: 'Error', title: 'Error' },
);

const MIB = 1024 * 1024;

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
 * slow senders. Errors have the shape of ErrorBody; the text of internal errors stays in the log.
 */
export function createHttpServer(logger: Logger, { refusals, trustedProxies }: HttpServerOptions = {}) {
  const app = Fastify({
    loggerInstance: logger as FastifyBaseLogger, // the wider type, so that plugins for any logger fit
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MIB,
    requestTimeout: 9_000,
    http: { headersTimeout: 4_000, connectionsCheckingInterval: 500 },
    forceCloseConnections: 'idle',
    trustProxy: trustedProxies ?? false,
    clientErrorHandler: answerClientError,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => {
      if (refusals && request.url.startsWith(refusals.prefix)) refusals.answer(error, request, reply);
      else answerError(error, request, reply);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  const strict = new Ajv({ verbose: true });
  const coercing = new Ajv({ verbose: true, coerceTypes: 'array', useDefaults: true });
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? strict : coercing).compile(schema as object),
  );
  app.setSchemaErrorFormatter((errors, part) => new Error(describeError(errors[0] as ErrorObject, part)));
  app.removeContentTypeParser('text/plain');
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parseJson(request, String(body), done);
  });
  app.addHook('preClose', (done) => {
    setTimeout(() => app.server.closeAllConnections(), CLOSE_LIMIT_MS).unref();
    done();
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      code: 'ASDLC_NOT_FOUND',
      message: `No route ${request.method} ${request.url.split('?', 1)[0]?.slice(0, 200)}.`,
    }),
  );
  return app;
}

export type HttpServer = ReturnType<typeof createHttpServer>;

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
  const message = status === 415 ? 'content-type: expected application/json' : error.message;
  return reply.code(status).send({ code: codeOf(error, status), message });
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
  const headers = `content-type: application/json; charset=utf-8\r\ncontent-length: ${body.length}\r\nconnection: close`;
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

/** Returns "where: expected …; got …" for an error of Ajv, with the schema's description where it has one. */
function describeError(error: ErrorObject, part: string): string {
  const place = `${part}${error.instancePath.replaceAll('/', '.')}`;
  if (error.keyword === 'additionalProperties') {
    const known = Object.keys((error.parentSchema as { properties: object }).properties).join(', ');
    return `${place}: unexpected field ${JSON.stringify(error.params.additionalProperty)}; expected only ${known}`;
  }
  if (error.keyword === 'required') {
    return `${place}: expected the field ${JSON.stringify(error.params.missingProperty)}; got none`;
  }
  const description = (error.parentSchema as { description?: string } | undefined)?.description;
  return `${place}: expected ${description ?? error.message?.replace(/^must /, '')}; got ${shortJson(error.data)}`;
}

function shortJson(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** Returns a hook that requires `Authorization: Bearer <token>`. Without a token it lets every request pass. */
export function requireToken(token: string | undefined) {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = token === undefined ? undefined : digest(token);
  return async (request: FastifyRequest) => {
    // Digests have the same length, so the comparison takes the same time for any header.
    if (
      expected &&
      !timingSafeEqual(
        digest(/^bearer +(.*)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''),
        expected,
      )
    )
      throw unauthorized();
  };
}
