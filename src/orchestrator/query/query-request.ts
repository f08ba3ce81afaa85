import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { MAX_FORM_BYTES, readWithinBudget } from './request-budget.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Accepts no bodies but forms. The routes check parameters themselves, so that errors have Prometheus's form. */
export function takeForms(app: HttpServer): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(FORM_TYPE, { parseAs: 'string', bodyLimit: MAX_FORM_BYTES }, (_, body, done) =>
    done(null, body),
  );
  app.setValidatorCompiler(() => () => true);
}

/**
 * Returns a request's parameters: those of its form body, then those of its URL. Throws bad_data when they are too many
 * or too large.
 */
export function formOf(request: FastifyRequest): URLSearchParams {
  const { url = '' } = request.raw;
  const mark = url.indexOf('?');
  const form = typeof request.body === 'string' ? request.body : '';
  return readWithinBudget(form, mark === -1 ? '' : url.slice(mark + 1));
}

/** Returns a signal that aborts when the client closes its connection before it has the whole response. */
export function callerSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => reply.raw.writableFinished || controller.abort());
  return controller.signal;
}
