const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
/** Of a version that is not known yet: it begins as version 00 does, and goes on after a dash if at all. */
const LATER = /^(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32}-[0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** What every party must be able to send on (https://www.w3.org/TR/trace-context/#tracestate-limits). */
const TRACESTATE = /^[\t\x20-\x7e]{1,512}$/;

/**
 * The header as a W3C traceparent of version 00, undefined when it is invalid and so to be ignored. One of a later
 * version is read by what is known of it, as the standard asks, and keeps of its flags whether it is sampled
 * (https://www.w3.org/TR/trace-context/#versioning-of-traceparent).
 */
export function validTraceparent(header: unknown): string | undefined {
  if (typeof header !== 'string') return undefined;
  const [, ids, flags = '0'] = LATER.exec(header) ?? [];
  const traceparent = ids === undefined ? header : `00-${ids}-0${Number.parseInt(flags, 16) & 1}`;
  return TRACEPARENT.test(traceparent) ? traceparent : undefined;
}

/** The header when it can be sent on, else undefined: one that is too long may be dropped. */
export function validTracestate(header: unknown): string | undefined {
  return typeof header === 'string' && TRACESTATE.test(header) ? header : undefined;
}

/** The trace id, 32 hexadecimal digits, of a valid traceparent. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return traceparent === undefined ? undefined : TRACEPARENT.exec(traceparent)?.[1];
}

export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** The parts of a valid traceparent. */
export function parseTraceparent(traceparent: string | undefined): TraceParent | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16) };
}
