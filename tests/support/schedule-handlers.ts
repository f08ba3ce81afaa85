import { Type } from 'typebox';
import { defineHandlers, defineSchedules } from '../../src/handlers/index.ts';

export const handlers = defineHandlers({
  'report.made': { payload: Type.Object({ path: Type.String() }), handle: ({ schedule }) => schedule?.id },
  other: () => undefined,
});

export const schedules = defineSchedules(handlers, {
  'report.often': { everyMs: 1_000, eventType: 'report.made', payload: { path: '.' }, priority: 3 },
  'report.daily': {
    cron: '0 6 * * *',
    timeZone: 'Europe/Berlin',
    eventType: 'report.made',
    payload: { path: '.' },
  },
  'of.request': { everyMs: 3_600_000, eventType: 'other' },
});
