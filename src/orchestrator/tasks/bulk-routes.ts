import { inputInvalid } from '../../shared/errors.ts';
import { BulkRequest, BulkResult } from '../../shared/http-contract/bulk.ts';
import { MAX_BULK_TASKS } from '../../shared/http-contract/limits.ts';
import { ANONYMOUS } from '../../shared/service/access/tokens.ts';
import { errorBodies } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { type BulkChange, type BulkOptions, statusesOf } from './bulk-change.ts';
import { FIRST_PAGE, parseCursor } from './cursor.ts';
import { decodeUtf8 } from './json-reader.ts';
import { jobFilter } from './task-filter.ts';

/** The most ids that a request may name, and the rest. JSON.parse takes 2 ms for it. */
const MAX_BODY_BYTES = 256 * 1024;

export interface BulkRoutesOptions {
  readonly bulk: Pick<BulkChange, 'run'>;
}

/** Changes many tasks, a call at a time. */
export async function bulkRoutes(app: HttpServer, { bulk }: BulkRoutesOptions): Promise<void> {
  takeJson(app);
  app.post(
    '/api/tasks/bulk',
    {
      bodyLimit: MAX_BODY_BYTES,
      config: { action: 'task.bulk', scope: 'tasks:write' },
      schema: {
        operationId: 'changeTasks',
        tags: ['tasks'],
        summary:
          'Retry, cancel, remove or run all tasks that match, for up to 1 s; follow next_cursor for the rest',
        body: BulkRequest,
        response: { 200: BulkResult, ...errorBodies(400, 413, 415) },
      },
    },
    async (request) => {
      const { caller = ANONYMOUS } = request;
      const options = bulkOptions(request.body, caller.name);
      const { action: bulk_action, isDryRun } = options;
      const asked = { bulk_action, ...(isDryRun && { dry_run: 'true' }) };
      request.audited = asked; // also when it fails
      const result = await bulk.run(options);
      const { matched, done, failed } = result;
      request.audited = { ...asked, matched, done, failed };
      return result;
    },
  );
}

function takeJson(app: HttpServer): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body: Buffer, done) => {
    try {
      done(null, JSON.parse(decodeUtf8(body, 'body')));
    } catch (error) {
      done(
        error instanceof SyntaxError
          ? inputInvalid(`body: expected JSON; got: ${error.message}`)
          : (error as Error),
      );
    }
  });
}

/** Throws ASDLC_INPUT_INVALID. */
function bulkOptions({ action, filter, limit, dry_run, cursor }: BulkRequest, by: string): BulkOptions {
  const { status, error, ids, queue } = filter;
  const statuses = statusesOf(action, status);
  if (statuses === undefined)
    throw inputInvalid(`body.filter.status: expected one of which ${action} takes tasks; got "${status}"`);
  if (action === 'remove' && status === undefined && ids === undefined)
    throw inputInvalid('body.filter: expected a status or ids for the action remove; got neither');
  return {
    action,
    by,
    statuses,
    filter: jobFilter(filter, 'body.filter.'),
    group: error,
    queue,
    ids,
    limit: limit ?? MAX_BULK_TASKS,
    isDryRun: dry_run ?? false,
    cursor: cursor === undefined ? FIRST_PAGE : parseCursor(cursor),
  };
}
