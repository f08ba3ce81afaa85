import { after } from 'node:test';

/** Runs the given steps when it ends: the context of a test, or the scope of a suite. */
export interface Scope {
  /** Whether the test passed; undefined for a suite. */
  readonly passed?: boolean;
  after(step: () => unknown): void;
}

/**
 * Returns the scope of the suite in whose body it is called. The last step given runs first. (An `after` of node:test
 * that is called in a `before` hook is no replacement: it runs when that hook ends.)
 */
export function suiteScope(): Scope {
  const steps: (() => unknown)[] = [];
  after(async () => {
    for (const step of steps.reverse()) await step();
  });
  return { after: (step) => void steps.push(step) };
}
