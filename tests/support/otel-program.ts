import { appendFileSync } from 'node:fs';
import { NodeTracerProvider, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

/*
 * An OpenTelemetry SDK, preloaded as an operator would. Its exporter writes one line for each span to SPANS_FILE.
 */

const path = process.env.SPANS_FILE;
if (path === undefined) throw new Error('expected SPANS_FILE to be set; got nothing');
const line = (span: ReadableSpan) =>
  JSON.stringify({
    name: span.name,
    traceId: span.spanContext().traceId,
    spanId: span.spanContext().spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    attributes: span.attributes,
    events: span.events.map(({ name, attributes }) => ({ name, attributes })),
  });
const provider = new NodeTracerProvider({
  spanProcessors: [
    new SimpleSpanProcessor({
      export: (spans, done) => {
        appendFileSync(path, spans.map((span) => `${line(span)}\n`).join(''));
        done({ code: 0 });
      },
      shutdown: async () => undefined,
    }),
  ],
});
provider.register();
