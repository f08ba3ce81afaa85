import type { ErrorObject } from 'ajv';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { inputInvalid, payloadTooLarge } from '../../shared/errors.ts';
import { MAX_PAYLOAD_DEPTH } from '../../shared/http-contract/limits.ts';
import { TaskRequest } from '../../shared/http-contract/tasks.ts';
import { describeSchemaError } from '../../shared/service/schema-errors.ts';
import { createTimeSlice, type EndOfStep, inSlices } from '../../shared/service/time-slice.ts';
import { BatchSplitter } from './batch-splitter.ts';
import { decodeUtf8 } from './json-reader.ts';
import { MAX_REST_LENGTH, splitTask, type TaskText } from './task-text.ts';

/** Reads the JSON body of a task whole; a number that a double does not hold is refused. */
export function takeTask(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    try {
      const task = readTask(decodeUtf8(body, 'body'), 'body');
      if (task instanceof Promise) task.then((value) => done(null, value), done);
      else done(null, task);
    } catch (error) {
      done(error as Error); // what readTask throws
    }
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
    for await (const chunk of chunksOf(body)) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge();
      splitter.write(chunk);
      for (const text of texts.splice(0)) {
        const place = `body.tasks.${tasks.length}`;
        const read = readTask(text, place, endOfStep);
        const task = read instanceof Promise ? await read : read;
        if (!isTask(task)) throw inputInvalid(describeSchemaError(isTask.errors?.[0] as ErrorObject, place)); // there is one
        tasks.push(task);
        const turn = endOfStep();
        if (turn !== undefined) await turn;
      }
      await endOfStep();
    }
    splitter.end();
    return { tasks };
  };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', readBatch);
}

/** A client that leaves while it sends is no fault of the service: what comes to an end early is a wrong request. */
async function* chunksOf(body: FastifyRequest['raw']): AsyncGenerator<Buffer> {
  try {
    yield* body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (error) {
    if (!body.destroyed) throw error;
    throw inputInvalid('body: expected all of it; the client left');
  }
}

/**
 * Reads what should be a task, and keeps its payload as a text. The schema checks the rest. A promise would cost more than
 * a short text does, so only a long one has one.
 */
function readTask(text: string, place: string, endOfStep?: EndOfStep): unknown {
  const work = splitTask(text, { place, maxLevels: MAX_PAYLOAD_DEPTH, isExact: true, hasMembers: true });
  const first = work.next();
  if (first.done) return taskOf(first.value, place);
  return inSlices(work, endOfStep).then((read) => taskOf(read, place));
}

function taskOf({ rest, payload, members }: TaskText, place: string): unknown {
  if (rest.length > MAX_REST_LENGTH)
    throw inputInvalid(
      `${place}: expected at most ${MAX_REST_LENGTH} characters beside the payloads; got more`,
    );
  const task: unknown = JSON.parse(rest); // it was read just now
  for (const { field, index, payload } of members) {
    const list = (task as Readonly<Record<string, unknown>>)[field]; // only objects have one
    if (Array.isArray(list)) Object.assign(list[index] as object, { payload }); // as above
  }
  return payload === undefined ? task : Object.assign(task as object, { payload }); // only objects have one
}
