import { Type } from 'typebox';
import { inputInvalid } from '../../shared/errors.ts';
import { TaskFilterProperties } from '../../shared/http-contract/bulk.ts';
import { ErrorGroups } from '../../shared/http-contract/errors.ts';
import { TaskList } from '../../shared/http-contract/tasks.ts';
import { hasEnded } from '../../shared/queue/bullmq-listing.ts';
import { errorBodies } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { FIRST_PAGE, parseCursor } from './cursor.ts';
import type { ErrorListing } from './error-listing.ts';
import { jobFilter } from './task-filter.ts';
import type { TaskListing } from './task-listing.ts';

const Filters = Type.Object({
  ...TaskFilterProperties,
  limit: Type.Integer({
    minimum: 1,
    maximum: 200,
    default: 50,
    description: 'a whole number from 1 to 200',
  }),
  cursor: Type.Optional(Type.String({ maxLength: 700, description: 'the next_cursor of an earlier page' })),
  sort: Type.Optional(
    Type.Enum(['run_time'], {
      description:
        'run_time: dead and completed tasks, those first whose last attempt ran longest, among the newest 5,000 of each; one page',
    }),
  ),
});

const ErrorFilters = Type.Object({
  status: Type.Enum(['dead', 'delayed'], {
    default: 'dead',
    description: 'one of dead, delayed (tasks between two attempts)',
  }),
  event_type: Filters.properties.event_type,
  queue: Filters.properties.queue,
});

export interface ListingRoutesOptions {
  readonly listing: TaskListing;
  readonly errors: ErrorListing;
}

/** Lists tasks, a page at a time, and groups their errors. */
export async function listingRoutes(
  app: HttpServer,
  { listing, errors }: ListingRoutesOptions,
): Promise<void> {
  app.get(
    '/api/tasks',
    {
      schema: {
        operationId: 'listTasks',
        tags: ['tasks'],
        summary: 'List tasks, newest first within each status',
        description:
          'Queued tasks are ordered by created_at, active ones by started_at, dead and completed ones by finished_at, and ' +
          'delayed ones by the time when they are due. Of several queues those of the first come first within each status. With several filters a task must match all. A search ends after 1 s: ' +
          'looked_at says how far it came, and next_cursor goes on.',
        querystring: Filters,
        response: { 200: TaskList, ...errorBodies(400) },
      },
    },
    async ({ query }) => {
      const { status, queue, cursor, sort, limit, error: group } = query;
      const wanted = { status, queue, filter: jobFilter(query, ''), group, limit };
      if (sort === undefined) {
        return listing.page({ ...wanted, cursor: cursor === undefined ? FIRST_PAGE : parseCursor(cursor) });
      }
      if (cursor !== undefined) throw inputInvalid('cursor: expected none with sort; got one');
      if (status !== undefined && !hasEnded(status))
        throw inputInvalid(`status: expected dead or completed with sort; got "${status}"`);
      return listing.slowest(wanted);
    },
  );
  app.get(
    '/api/errors',
    {
      schema: {
        operationId: 'listErrors',
        tags: ['tasks'],
        summary: 'Group the errors of tasks by event type and message',
        querystring: ErrorFilters,
        response: { 200: ErrorGroups, ...errorBodies(400) },
      },
    },
    async ({ query }) =>
      errors.groups({ status: query.status, eventType: query.event_type, queue: query.queue }),
  );
}
