import type { FastifyInstance, FastifyRequest } from 'fastify';

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

/** Of a call whose client left before its route had run: nothing was done. */
const CLIENT_LEFT = 499;

/**
 * Writes one line for each state-changing call with a valid token, also one that lacks the scope, when its response is
 * over: action, what it was done to, token, address, status. A client that leaves while the route runs stops nothing, so
 * the line then waits for the route. To be called before the hook that asks for the token.
 */
export function auditChanges(app: FastifyInstance, observe: AuditObserver): void {
  const running = new WeakSet<FastifyRequest>();
  const answered = new WeakSet<FastifyRequest>();
  const waiting = new WeakMap<FastifyRequest, () => void>();
  app.addHook('onRequest', (request, reply, done) => {
    const { action } = request.routeOptions.config;
    if (action === undefined) return done();
    const address = request.ip; // a socket that is closed has none
    const write = () => {
      if (request.caller === undefined) return; // anybody could fill the log
      const isKnown = running.has(request) || reply.raw.writableFinished;
      const status = isKnown ? reply.statusCode : CLIENT_LEFT;
      const { id } = (request.params ?? {}) as { id?: string }; // of the routes of one task or schedule
      const name = action.startsWith('schedule.') ? 'schedule' : 'task_id';
      request.log.info(
        {
          action,
          ...(id !== undefined && { [name]: id }),
          ...request.audited,
          token: request.caller.name,
          address,
          status,
        },
        'audit',
      );
      observe(action, status < 400 ? 'done' : status < 500 ? 'refused' : 'failed');
    };
    reply.raw.once('close', () => {
      if (running.has(request) && !answered.has(request)) waiting.set(request, write);
      else write();
    });
    done();
  });
  app.addHook('preHandler', (request, _, done) => {
    running.add(request);
    done();
  });
  app.addHook('onSend', (request, _, __, done) => {
    answered.add(request);
    waiting.get(request)?.();
    waiting.delete(request);
    done();
  });
}
