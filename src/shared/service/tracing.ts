import { type Span, type Telemetry, TelemetryAttributes } from 'bullmq';
import { tracingUnavailable } from '../errors.ts';
import { parseTraceparent } from '../trace-context.ts';

/** Makes spans of tasks, from submission to each attempt, with the OpenTelemetry SDK that the operator set up. */
export interface Tracing {
  /** For BullMQ: makes the spans, and stores their context with the task. */
  readonly telemetry: Telemetry;
  /** Runs `submit` within the active span. Without one, the span of the request's sender is the parent. */
  continueTrace<T>(traceparent: string | undefined, submit: () => T): T;
}

/** Spans of BullMQ's own upkeep. They belong to no task's trace. */
const UPKEEP =
  /^(getNextJob|rateLimit|startStalledCheckTimer|moveStalledJobsToWait|extendLocks|pause|resume|close)\b/;

/**
 * Loads bullmq-otel and @opentelemetry/api. They are optional peer dependencies: rejects with ASDLC_TRACING_UNAVAILABLE
 * where they are not installed.
 */
export async function loadTracing(): Promise<Tracing> {
  const [{ BullMQOtel }, { context, trace }] = await Promise.all([
    import('bullmq-otel'),
    import('@opentelemetry/api'),
  ]).catch((cause: unknown) => {
    throw tracingUnavailable(cause);
  });
  const { tracer, contextManager } = new BullMQOtel({ tracerName: 'asdlc' });
  return {
    telemetry: {
      contextManager,
      tracer: {
        startSpan: (name, options, parent) =>
          UPKEEP.test(name) ? NO_SPAN : withoutResult(tracer.startSpan(name, options, parent)),
      },
    },
    continueTrace: (traceparent, submit) => {
      const active = context.active();
      const parent = parseTraceparent(traceparent);
      if (parent === undefined || trace.getSpan(active) !== undefined) return submit();
      return context.with(trace.setSpanContext(active, { ...parent, isRemote: true }), submit);
    },
  };
}

/** Removes the task's result, which BullMQ adds to the span: it may be large and confidential. */
function withoutResult(span: Span): Span {
  const addEvent = span.addEvent.bind(span);
  span.addEvent = (name, { [TelemetryAttributes.JobResult]: _, ...attributes } = {}) =>
    addEvent(name, attributes);
  return span;
}

const NO_SPAN: Span = {
  setSpanOnContext: (context) => context,
  setAttribute: () => undefined,
  setAttributes: () => undefined,
  addEvent: () => undefined,
  recordException: () => undefined,
  end: () => undefined,
};
