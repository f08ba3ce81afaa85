import type { Handlers } from '../../src/workers/handler.ts';
import { handlers as all } from './handlers.ts';
import { MADE_UP_TYPES } from './many-types.ts';

const DRIVEN = ['echo', 'fail', 'fail.once'];

/** Handlers of 150 event types: those of a driven stack, and the made-up ones, which do nothing. */
export const handlers: Handlers = {
  ...Object.fromEntries(Object.entries(all).filter(([eventType]) => DRIVEN.includes(eventType))),
  ...Object.fromEntries(MADE_UP_TYPES.map((eventType) => [eventType, () => null])),
};
