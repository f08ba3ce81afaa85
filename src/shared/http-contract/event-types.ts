import { type Static, Type } from 'typebox';
import { TimeOrNull } from './time.ts';

/** What live workers handle, as `/api/event-types` returns it. */

export const TypePause = Type.Object(
  {
    since: TimeOrNull,
    by: Type.String({ description: 'the name of the token that paused it' }),
  },
  { title: 'TypePause' },
);
export type TypePause = Static<typeof TypePause>;

export const TypePauseOrNull = Type.Union([TypePause, Type.Null()], {
  description: 'set while the event type is paused: workers take none of its tasks',
});

export const EventTypeState = Type.Object(
  {
    event_type: Type.String(),
    paused: TypePauseOrNull,
    handled: Type.Boolean({ description: 'whether a live worker handles it' }),
  },
  { title: 'EventTypeState' },
);

export const PausedEventType = Type.Object(
  {
    event_type: Type.String(),
    ...TypePause.properties,
    tasks: Type.Integer({ description: 'tasks that wait for the resume' }),
  },
  { title: 'PausedEventType' },
);
export type PausedEventType = Static<typeof PausedEventType>;

export const EventTypeList = Type.Object(
  {
    event_types: Type.Array(
      Type.Object(
        {
          event_type: Type.String(),
          paused: TypePauseOrNull,
          payload_schema: Type.Unknown({
            description: 'a JSON Schema that payloads must fit; null where workers announced none',
          }),
        },
        { title: 'EventType' },
      ),
      { description: 'those that live workers handle, by name' },
    ),
  },
  { title: 'EventTypeList' },
);
export type EventTypeList = Static<typeof EventTypeList>;
