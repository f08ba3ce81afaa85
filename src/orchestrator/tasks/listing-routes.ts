import { Type } from 'typebox';
import { EVENT_TYPE_PATTERN } from '../../shared/http-contract/limits.ts';
import { TaskList, TaskStatus } from '../../shared/http-contract/tasks.ts';
import { errorBodies } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { FIRST_PAGE, parseCursor } from './cursor.ts';
import type { TaskListing } from './task-listing.ts';

const Filters = Type.Object({
  status: Type.Optional(TaskStatus),
  event_type: Type.Optional(
    Type.String({ pattern: EVENT_TYPE_PATTERN, description: 'the name of an event type' }),
  ),
  limit: Type.Integer({
    minimum: 1,
    maximum: 200,
    default: 50,
    description: 'a whole number from 1 to 200',
  }),
  cursor: Type.Optional(Type.String({ maxLength: 700, description: 'the next_cursor of an earlier page' })),
});

export interface ListingRoutesOptions {
  readonly listing: TaskListing;
}

/** Lists tasks, a page at a time. */
export async function listingRoutes(app: HttpServer, { listing }: ListingRoutesOptions): Promise<void> {
  app.get(
    '/api/tasks',
    {
      schema: {
        operationId: 'listTasks',
        tags: ['tasks'],
        summary: 'List tasks, newest first within each status',
        description:
          'Queued tasks are ordered by created_at, active ones by started_at, dead and completed ones by finished_at, and ' +
          'delayed ones by the time when they are due.',
        querystring: Filters,
        response: { 200: TaskList, ...errorBodies(400) },
      },
    },
    async ({ query }) =>
      listing.page({
        status: query.status,
        eventType: query.event_type,
        limit: query.limit,
        cursor: query.cursor === undefined ? FIRST_PAGE : parseCursor(query.cursor),
      }),
  );
}
