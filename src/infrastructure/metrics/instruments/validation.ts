import { describe } from '../series/label-validation.ts';
import type { Misuse } from '../series/misuse.ts';

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** Throws unless the name follows Prometheus's data model, without the UTF-8 extension. */
export function checkMetricName(name: unknown): void {
  if (typeof name !== 'string' || !METRIC_NAME.test(name)) {
    throw new TypeError(`expected a metric name like http_requests_total; got ${describe(name)}`);
  }
}

/** Throws unless the help is a text and not empty. */
export function checkHelp(metric: string, help: unknown): void {
  if (typeof help !== 'string' || help === '') {
    throw new TypeError(`${metric}: expected a help text; got ${describe(help)}`);
  }
}

/** Throws unless `isValid`. The message says what was expected and what was given. */
export function checkOption(metric: string, expected: string, isValid: boolean, given: unknown): void {
  if (!isValid) throw new TypeError(`${metric}: expected ${expected}; got ${describe(given)}`);
}

/** Whether a counter can take the value: a finite number from 0 up. After `inc(NaN)` a counter would stay NaN. */
export function isIncrease(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}

/** Whether the value is a finite number. */
export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && value > -Infinity && value < Infinity;
}

/** Whether the value is a number. NaN and the infinities are numbers. */
export function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

export const INCREASE = 'a finite number of 0 or more, because a counter never falls';
export const FINITE = 'a finite number';
export const NUMBER = 'a number';

/** Counts a call whose value is not `expected`. The call has no effect. */
export function refuse({ misuse }: { misuse: Misuse }, expected: string, value: unknown): void {
  misuse.report(() => `expected ${expected}; got ${describe(value)}`);
}
