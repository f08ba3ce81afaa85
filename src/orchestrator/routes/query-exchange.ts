import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from '../../infrastructure/victoria-metrics/shared-answer.ts';

/** A request's parameters: those of its form body, then those of its URL, as Prometheus reads them. */
export function formOf(request: FastifyRequest): URLSearchParams {
  const { url = '' } = request.raw;
  const mark = url.indexOf('?');
  const inUrl = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
  if (!(request.body instanceof URLSearchParams)) return inUrl;
  const all = new URLSearchParams(request.body);
  for (const [name, value] of inUrl) all.append(name, value);
  return all;
}

/** Whether the Accept-Encoding header takes gzip. */
export function takesGzip(request: FastifyRequest): boolean {
  const accepted = request.headers['accept-encoding'] ?? '';
  return /(^|[,\s])(gzip|x-gzip|\*)(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(String(accepted));
}

/** Aborts when the client closes its connection before it has its answer. */
export function callerSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => reply.raw.writableFinished || controller.abort());
  return controller.signal;
}

/** Sends the TSDB's body as it came. */
export function sendAnswer(reply: FastifyReply, { gzip, body }: Answer): FastifyReply {
  reply.header('content-type', 'application/json; charset=utf-8');
  // CORS may have set it to Origin.
  const vary = reply.getHeader('vary');
  reply.header('vary', vary === undefined ? 'accept-encoding' : `${vary}, accept-encoding`);
  if (gzip) reply.header('content-encoding', 'gzip');
  return reply.send(body);
}
