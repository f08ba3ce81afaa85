import { Type } from 'typebox';

/** A time as the API writes it. */
export const Time = Type.String({ format: 'date-time' });

export const TimeOrNull = Type.Union([Time, Type.Null()]);
