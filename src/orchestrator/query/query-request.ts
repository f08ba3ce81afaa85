import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpServer } from '../../shared/service/http-server.ts';

/** Accepts no bodies but forms. The routes check parameters themselves, so that errors have Prometheus's form. */
export function takeForms(app: HttpServer): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, new URLSearchParams(body as string)),
  );
  app.setValidatorCompiler(() => () => true);
}

/** Returns a request's parameters: those of its form body, then those of its URL, in Prometheus's order. */
export function formOf(request: FastifyRequest): URLSearchParams {
  const { url = '' } = request.raw;
  const mark = url.indexOf('?');
  const inUrl = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
  if (!(request.body instanceof URLSearchParams)) return inUrl;
  const all = new URLSearchParams(request.body);
  for (const [name, value] of inUrl) all.append(name, value);
  return all;
}

/** Returns a signal that aborts when the client closes its connection before it has the whole response. */
export function callerSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => reply.raw.writableFinished || controller.abort());
  return controller.signal;
}
