import type { ErrorObject } from 'ajv';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { inputInvalid, payloadTooLarge } from '../../shared/errors.ts';
import { MAX_PAYLOAD_DEPTH } from '../../shared/http-contract/limits.ts';
import { TaskRequest } from '../../shared/http-contract/tasks.ts';
import { describeSchemaError } from '../../shared/service/schema-errors.ts';
import { createTimeSlice, type EndOfStep, inSlices } from '../../shared/service/time-slice.ts';
import { BatchSplitter } from './batch-splitter.ts';
import { decodeUtf8 } from './json-reader.ts';
import { MAX_REST_LENGTH, splitTask } from './task-text.ts';

/** Reads the JSON body of a task whole; a number that a double does not hold is refused. */
export function takeTask(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_: unknown, body: Buffer) => {
    if (body.length === 0) return undefined;
    return readTask(decodeUtf8(body, 'body'), 'body', createTimeSlice());
  });
}

/** Reads `{"tasks": […]}` of up to `maxBytes` task by task, as it arrives. Refuses it at the first wrong task. */
export function takeBatches(
  app: FastifyInstance,
  { maxTasks, maxBytes }: { maxTasks: number; maxBytes: number },
): void {
  const tooLarge = () => payloadTooLarge(`body: expected at most ${maxBytes} bytes; got more`);
  const readBatch = async (request: FastifyRequest, body: FastifyRequest['raw']) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
    const isTask = request.compileValidationSchema(TaskRequest, 'body');
    const tasks: unknown[] = [];
    const texts: string[] = [];
    const splitter = new BatchSplitter(maxTasks, (text) => texts.push(text));
    let bytes = 0;
    const endOfStep = createTimeSlice();
    // What follows a mistake is still read: a connection that closes on a client that sends loses the answer.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge();
      splitter.write(chunk);
      for (const text of texts.splice(0)) {
        const place = `body.tasks.${tasks.length}`;
        const task = await readTask(text, place, endOfStep);
        if (!isTask(task)) throw inputInvalid(describeSchemaError(isTask.errors?.[0] as ErrorObject, place)); // there is one
        tasks.push(task);
        await endOfStep();
      }
      await endOfStep();
    }
    splitter.end();
    return { tasks };
  };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', readBatch);
}

/** Reads what should be a task, and keeps its payload as a text. The schema checks the rest. */
async function readTask(text: string, place: string, endOfStep: EndOfStep): Promise<unknown> {
  const options = { place, maxLevels: MAX_PAYLOAD_DEPTH, isExact: true };
  const { rest, payload } = await inSlices(splitTask(text, options), endOfStep);
  if (rest.length > MAX_REST_LENGTH)
    throw inputInvalid(
      `${place}: expected at most ${MAX_REST_LENGTH} characters beside the payload; got more`,
    );
  const task: unknown = JSON.parse(rest); // it was read just now
  return payload === undefined ? task : Object.assign(task as object, { payload }); // only objects have one
}
