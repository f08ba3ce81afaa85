import { type Span, type Telemetry, TelemetryAttributes } from 'bullmq';
import { tracingUnavailable } from '../errors.ts';
import { parseTraceparent } from '../trace-context.ts';

/** Spans of tasks, from submission to each run, in the OpenTelemetry SDK that the operator set up. */
export interface Tracing {
  /** For BullMQ: makes the spans, and carries their context with the task. */
  readonly telemetry: Telemetry;
  /** Runs `submit` within the active span, else as a child of the span that sent the request. */
  continueTrace<T>(traceparent: string | undefined, submit: () => T): T;
}

/** What BullMQ does for itself, each time it asks for a task: no part of any task's trace. */
const UPKEEP =
  /^(getNextJob|rateLimit|startStalledCheckTimer|moveStalledJobsToWait|extendLocks|pause|resume|close)\b/;

/**
 * Loads bullmq-otel and @opentelemetry/api, which are installed by those who want spans. Rejects with
 * ASDLC_TRACING_UNAVAILABLE where they are not.
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
          UPKEEP.test(name) ? UNSEEN : withoutResult(tracer.startSpan(name, options, parent)),
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

/** BullMQ adds the whole result of a task, which is of any size and not for everyone's eyes. */
function withoutResult(span: Span): Span {
  const addEvent = span.addEvent.bind(span);
  span.addEvent = (name, { [TelemetryAttributes.JobResult]: _, ...attributes } = {}) =>
    addEvent(name, attributes);
  return span;
}

const UNSEEN: Span = {
  setSpanOnContext: (context) => context,
  setAttribute: () => undefined,
  setAttributes: () => undefined,
  addEvent: () => undefined,
  recordException: () => undefined,
  end: () => undefined,
};
