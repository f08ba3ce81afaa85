import { after } from 'node:test';

/** Runs what it is given when it ends: a test's context, or a suite's scope. */
export interface Scope {
  after(step: () => unknown): void;
}

/**
 * The scope of the suite in whose body it is called. (node:test's own `after` called in a `before` hook runs when
 * that hook ends.) The last started is stopped first.
 */
export function suiteScope(): Scope {
  const steps: (() => unknown)[] = [];
  after(async () => {
    for (const step of steps.reverse()) await step();
  });
  return { after: (step) => void steps.push(step) };
}
