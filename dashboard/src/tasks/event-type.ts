import { EVENT_TYPE_DESCRIPTION, EVENT_TYPE_PATTERN } from '../../../src/shared/http-contract/limits.ts';

const EVENT_TYPE = new RegExp(EVENT_TYPE_PATTERN);

/** What is wrong with an event type; undefined if nothing is. */
export function eventTypeError(text: string): string | undefined {
  return EVENT_TYPE.test(text) ? undefined : `Expected ${EVENT_TYPE_DESCRIPTION}`;
}
