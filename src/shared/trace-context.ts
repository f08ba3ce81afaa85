const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
/** A traceparent of a later version begins like version 00. More parts may follow after a dash. */
const LATER_VERSION = /^(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32}-[0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** Every party must propagate up to 512 characters (https://www.w3.org/TR/trace-context/#tracestate-limits). */
const TRACESTATE = /^[\t\x20-\x7e]{1,512}$/;

/**
 * Returns the header as a W3C traceparent of version 00; undefined when it is invalid and must be ignored. Of a later
 * version it keeps the ids and the sampled flag, as the standard asks
 * (https://www.w3.org/TR/trace-context/#versioning-of-traceparent).
 */
export function validTraceparent(header: unknown): string | undefined {
  if (typeof header !== 'string') return undefined;
  const [, ids, flags = '0'] = LATER_VERSION.exec(header) ?? [];
  const traceparent = ids === undefined ? header : `00-${ids}-0${Number.parseInt(flags, 16) & 1}`;
  return TRACEPARENT.test(traceparent) ? traceparent : undefined;
}

/** Returns the header when it can be sent on, else undefined. The standard allows dropping one that is too long. */
export function validTracestate(header: unknown): string | undefined {
  return typeof header === 'string' && TRACESTATE.test(header) ? header : undefined;
}

/** Returns the trace id (32 hexadecimal digits) of a valid traceparent. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return traceparent === undefined ? undefined : TRACEPARENT.exec(traceparent)?.[1];
}

/** Returns the trace id of a valid traceparent whose trace is sampled: no backend has the other traces. */
export function sampledTraceIdOf(traceparent: string | undefined): string | undefined {
  const parts = parseTraceparent(traceparent);
  return parts !== undefined && (parts.traceFlags & 1) === 1 ? parts.traceId : undefined;
}

export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** Returns the parts of a valid traceparent. */
export function parseTraceparent(traceparent: string | undefined): TraceParent | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16) };
}
