import type { HealthCheck } from './health.ts';
import type { HttpServer } from './http-server.ts';

/** The first part of a stop: balancers learn of it while the listener still takes connections. */
export interface DrainDelay {
  /** Down as soon as the stop has begun, so that `/health/ready` fails. */
  readonly check: HealthCheck;
  readonly hasBegun: () => boolean;
  /** Begins the stop. Resolves after the delay, or at the next SIGTERM or SIGINT. */
  begin(): Promise<void>;
}

export function createDrainDelay(seconds: number): DrainDelay {
  let hasBegun = false;
  return {
    check: async () =>
      hasBegun ? { up: false, latencyMs: 0, error: 'stopping' } : { up: true, latencyMs: 0 },
    hasBegun: () => hasBegun,
    begin: () => {
      hasBegun = true;
      return seconds === 0 ? Promise.resolve() : delayOrSignal(seconds * 1_000);
    },
  };
}

/**
 * While the stop is under way, each answer ends its connection. So none is open and idle when the listener closes: a
 * request that comes just then on such a connection would meet a reset, and one a little later would be refused.
 */
export function endConnectionsWhileStopping(app: HttpServer, { hasBegun }: DrainDelay): void {
  app.addHook('onSend', (_, reply, __, done) => {
    if (hasBegun()) reply.header('connection', 'close');
    done();
  });
}

function delayOrSignal(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  });
}
