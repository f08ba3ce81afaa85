import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a request of this route changes, as `task.retry`: each leaves one line in the log. */
    action?: string;
  }
  interface FastifyRequest {
    /** What it was done to, where the URL does not say: ids and counts, no text of a payload. */
    audited?: Readonly<Record<string, string | number>>;
  }
}

/** Counts state-changing calls by action and result. */
export type AuditObserver = (action: string, result: 'done' | 'refused' | 'failed') => void;

/**
 * Writes one line for each state-changing call with a valid token, also one that lacks the scope, when its response is
 * over: action, what it was done to, token, address, status. To be called before the hook that asks for the token.
 */
export function auditChanges(app: FastifyInstance, observe: AuditObserver): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { action } = request.routeOptions.config;
    if (action === undefined) return done();
    reply.raw.once('close', () => {
      if (request.caller === undefined) return; // anybody could fill the log
      const status = reply.raw.statusCode;
      const { id } = (request.params ?? {}) as { id?: string }; // of the routes of one task
      request.log.info(
        {
          action,
          ...(id !== undefined && { task_id: id }),
          ...request.audited,
          token: request.caller.name,
          address: request.ip,
          status,
        },
        'audit',
      );
      observe(action, status < 400 ? 'done' : status < 500 ? 'refused' : 'failed');
    });
    done();
  });
}
