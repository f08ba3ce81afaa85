import { Type } from 'typebox';
import { EventTypeList, EventTypeState } from '../../shared/http-contract/event-types.ts';
import { EVENT_TYPE_DESCRIPTION, EVENT_TYPE_PATTERN } from '../../shared/http-contract/limits.ts';
import type { EventTypes } from '../../shared/queue/event-types.ts';
import type { PayloadSchemas } from '../../shared/queue/payload-schemas.ts';
import { ANONYMOUS } from '../../shared/service/access/tokens.ts';
import { errorBodies } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { readableSchemas } from './readable-schema.ts';
import type { TypePauses } from './type-pauses.ts';

const tags = ['tasks'];
const params = Type.Object({
  event_type: Type.String({ pattern: EVENT_TYPE_PATTERN, description: EVENT_TYPE_DESCRIPTION }),
});

export interface EventTypeRoutesOptions {
  readonly eventTypes: Pick<EventTypes, 'live'>;
  readonly payloadSchemas: Pick<PayloadSchemas, 'all'>;
  readonly typePauses: TypePauses;
}

/** Lists what live workers handle, and what its payloads must be. Pauses and resumes event types. */
export async function eventTypeRoutes(
  app: HttpServer,
  { eventTypes, payloadSchemas, typePauses }: EventTypeRoutesOptions,
): Promise<void> {
  app.get(
    '/api/event-types',
    {
      schema: {
        operationId: 'listEventTypes',
        tags,
        summary: 'List the event types that live workers handle',
        response: { 200: EventTypeList, ...errorBodies() },
      },
    },
    async () => {
      const [types, announced, pauses] = await Promise.all([
        eventTypes.live(),
        payloadSchemas.all(),
        typePauses.all(),
      ]);
      const schemas = await readableSchemas(announced);
      const event_types = [...types].sort().map((event_type) => ({
        event_type,
        paused: pauses.get(event_type) ?? null,
        payload_schema: schemas.get(event_type) ?? null,
      }));
      return { event_types };
    },
  );

  app.post(
    '/api/event-types/:event_type/pause',
    {
      config: { action: 'event_type.pause', scope: 'queue:admin' },
      schema: {
        operationId: 'pauseEventType',
        tags,
        summary: 'Let no worker take tasks of an event type; those that run go on',
        params,
        response: { 200: EventTypeState, ...errorBodies(400, 409) },
      },
    },
    async (request) => {
      const { event_type } = request.params;
      request.audited = { event_type };
      const paused = await typePauses.pause(event_type, (request.caller ?? ANONYMOUS).name);
      return { event_type, paused, handled: (await eventTypes.live()).has(event_type) };
    },
  );

  app.post(
    '/api/event-types/:event_type/resume',
    {
      config: { action: 'event_type.resume', scope: 'queue:admin' },
      schema: {
        operationId: 'resumeEventType',
        tags,
        summary: 'Let workers take tasks of an event type again, the oldest first',
        params,
        response: { 200: EventTypeState, ...errorBodies(400) },
      },
    },
    async (request) => {
      const { event_type } = request.params;
      request.audited = { event_type };
      await typePauses.resume(event_type);
      return { event_type, paused: null, handled: (await eventTypes.live()).has(event_type) };
    },
  );
}
