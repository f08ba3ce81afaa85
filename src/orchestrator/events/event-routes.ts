import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { countNow } from '../../infrastructure/metrics/http/http-metrics.ts';
import { EventsQuery } from '../../shared/http-contract/task-events.ts';
import { errorBodies } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import type { EventStreams } from './event-streams.ts';

const Resume = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      pattern: '^\\d{1,15}-\\d{1,15}$',
      description: 'the id of an event, such as 1764182400000-0; 0-0 is the oldest that is kept',
    }),
  ),
});

const Stream = {
  description: 'Server-sent events',
  content: {
    'text/event-stream': {
      schema: Type.String({
        description:
          'events `ready`, `task` (data: TaskEvent) and `gap` (data: EventGap), and comments as heartbeat',
      }),
    },
  },
};

export interface EventRoutesOptions {
  readonly streamsOf: (queue?: string) => EventStreams;
  /** Rejects a request whose token may not read tasks. */
  readonly authorize: (request: FastifyRequest) => Promise<void>;
}

/** Streams what happens to tasks. */
export async function eventRoutes(
  app: HttpServer,
  { streamsOf, authorize }: EventRoutesOptions,
): Promise<void> {
  app.get(
    '/api/events',
    {
      exposeHeadRoute: false, // a HEAD would never end
      schema: {
        operationId: 'followTasks',
        tags: ['tasks'],
        summary: 'Follow what happens to tasks, as server-sent events',
        description:
          'Each change of a task of the queue is an event `task`. With several filters an event must match all. ' +
          'With the header Last-Event-ID the stream begins with what came after that event. An event `gap` says that ' +
          'events are missing before it. `ready` says that from there on the client gets each event as it comes.',
        querystring: EventsQuery,
        headers: Resume,
        response: { 200: Stream, ...errorBodies(400) },
      },
    },
    async (request, reply) => {
      const { queue, ...filter } = request.query;
      await streamsOf(queue).open(reply.raw, {
        filter,
        after: request.headers['last-event-id'],
        authorize: () => authorize(request),
        began: () => {
          reply.hijack();
          for (const [name, value = ''] of Object.entries(reply.getHeaders()))
            reply.raw.setHeader(name, value);
          reply.raw.writeHead(200, {
            'content-type': 'text/event-stream; charset=utf-8',
            connection: 'close', // else the end of a stream would hold up a stop
            'x-accel-buffering': 'no', // nginx would keep events back
          });
          countNow(reply.raw);
        },
      });
      return reply;
    },
  );
}
