import { setTimeout as sleep } from 'node:timers/promises';
import { post } from '../../../support/http.ts';
import type { Scope } from '../../../support/scope.ts';
import { until } from '../../../support/until.ts';
import type { WholeSystem } from '../../history/whole-system.ts';

/** The whole system, and a second orchestrator that no fault meets. */
export interface FeatureSystem extends WholeSystem {
  /** Of the second orchestrator. */
  readonly url: string;
}

/** Prepares the use of a part of the system. */
export type Feature = (scope: Scope) => Promise<{
  /** More variables for orchestrators and workers. */
  readonly env?: NodeJS.ProcessEnv;
  /** Begins to use it. Resolves once it works. */
  readonly start: (system: FeatureSystem) => Promise<FeatureUse>;
}>;

export interface FeatureUse {
  /** Ends the use, and waits for what it has begun. Throws unless the promise was kept; returns in numbers what was seen. */
  readonly end: () => Promise<string>;
}

/** Submissions a second, at most, and how many there are at least. */
const [RATE, LEAST] = [10, 50];

/** A task or a flow that was accepted, as the API answered. */
export interface Accepted {
  readonly id: string;
  readonly children?: readonly { readonly id: string }[];
  readonly next?: readonly { readonly id: string }[];
}

/**
 * Submits what `make` makes, one after the other, under keys: each is sent to one orchestrator and the other in turn until
 * it is accepted. `stop` resolves with all that were, and with how many were sent more than once.
 */
export function startSubmissions(scope: Scope, system: FeatureSystem, make: (n: number) => object) {
  const accepted: Accepted[] = [];
  let [isOver, sentAgain] = [false, 0];
  scope.after(() => {
    isOver = true;
  });
  const send = async (n: number) => {
    const urls = [system.orchestrator.url, system.url];
    let tries = n;
    const answer = await until(
      `submission ${n} is accepted`,
      async () => {
        const url = urls[tries++ % 2];
        const { status, body } = await post(`${url}/api/tasks`, make(n), {
          'idempotency-key': `feature ${n}`,
        });
        return status === 202 && (body as Accepted); // by the contract
      },
      30_000,
    );
    if (tries > n + 1) sentAgain += 1;
    return answer;
  };
  const run = (async () => {
    for (let n = 0; !isOver; n += 1) {
      accepted.push(await send(n));
      await sleep(1_000 / RATE);
    }
  })();
  run.catch(() => undefined); // `stop` says so
  return {
    stop: async () => {
      await Promise.race([run, until('there are enough', () => accepted.length >= LEAST, 60_000)]);
      isOver = true;
      await run;
      return { accepted, sentAgain };
    },
  };
}
