import type { FastifyInstance } from 'fastify';
import { type AsdlcError, payloadTooLarge } from '../../shared/errors.ts';
import { createTimeSlice } from '../../shared/service/time-slice.ts';
import { BatchSplitter } from './batch-splitter.ts';
import { decodeUtf8, parseExactJson } from './exact-json.ts';

/** Reads a JSON body whole; a number that a double does not hold is refused. For bodies of at most about 1 MiB. */
export function takeJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => {
    try {
      done(null, body.length === 0 ? undefined : parseExactJson(decodeUtf8(body as Buffer, 'body'), 'body'));
    } catch (error) {
      done(error as AsdlcError); // neither throws another
    }
  });
}

/**
 * Reads `{"tasks": […]}` of up to `maxBytes` task by task, as it arrives. The rest of a batch that is refused is read too
 * and thrown away: a client that still sends would see a reset in place of the refusal.
 */
export function takeBatches(
  app: FastifyInstance,
  { maxTasks, maxBytes }: { maxTasks: number; maxBytes: number },
): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', async (_: unknown, body: AsyncIterable<Buffer>) => {
    const tasks: unknown[] = [];
    const splitter = new BatchSplitter(maxTasks, (text, index) => {
      tasks.push(parseExactJson(text, `body.tasks.${index}`));
    });
    let bytes = 0;
    let refusal: unknown;
    const endOfStep = createTimeSlice();
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw payloadTooLarge(`body: expected at most ${maxBytes} bytes; got more`);
      try {
        if (refusal === undefined) splitter.write(chunk);
      } catch (error) {
        refusal = error;
        tasks.length = 0;
      }
      await endOfStep();
    }
    if (refusal !== undefined) throw refusal;
    splitter.end();
    return { tasks };
  });
}
