import type { ErrorObject } from 'ajv';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { inputInvalid, payloadTooLarge } from '../../shared/errors.ts';
import { MAX_PAYLOAD_DEPTH } from '../../shared/http-contract/limits.ts';
import { TaskRequest } from '../../shared/http-contract/tasks.ts';
import { describeSchemaError } from '../../shared/service/schema-errors.ts';
import { createTimeSlice } from '../../shared/service/time-slice.ts';
import { BatchSplitter } from './batch-splitter.ts';
import { decodeUtf8, parseExactJson } from './exact-json.ts';
import { PayloadText } from './payload-text.ts';

/** The values of a text may take 20 times its memory, so longer ones are parsed one after the other. */
const MAX_PARALLEL_LENGTH = 64 * 1024;

type EndOfStep = () => Promise<void> | undefined;
type ParseTask = (text: string, place: string, endOfStep: EndOfStep) => Promise<unknown>;

/** Reads the JSON body of a task whole; a number that a double does not hold is refused. */
export function takeTask(app: FastifyInstance): void {
  const parse = createTaskParser();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_: unknown, body: Buffer) => {
    if (body.length === 0) return undefined;
    return parse(decodeUtf8(body, 'body'), 'body', createTimeSlice());
  });
}

/** Reads `{"tasks": […]}` of up to `maxBytes` task by task, as it arrives. Refuses it at the first wrong task. */
export function takeBatches(
  app: FastifyInstance,
  { maxTasks, maxBytes }: { maxTasks: number; maxBytes: number },
): void {
  const parse = createTaskParser();
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
        const task = await parse(text, place, endOfStep);
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

/** Returns a function that parses what should be a task. */
function createTaskParser(): ParseTask {
  let last: Promise<unknown> = Promise.resolve();
  return (text, place, endOfStep) => {
    if (text.length <= MAX_PARALLEL_LENGTH) return parseTask(text, place, endOfStep);
    const parsed = last.then(() => parseTask(text, place, endOfStep));
    last = parsed.catch(() => undefined); // its own request learns of it
    return parsed;
  };
}

/** Keeps the payload as a text. The schema checks the rest. */
const parseTask: ParseTask = async (text, place, endOfStep) => {
  const task = await parseExactJson(text, { place, maxLevels: MAX_PAYLOAD_DEPTH, endOfStep });
  if (typeof task !== 'object' || task === null || !Object.hasOwn(task, 'payload')) return task;
  await endOfStep();
  const kept = task as { payload: unknown }; // just seen
  kept.payload = new PayloadText(kept.payload, `${place}.payload`);
  return task;
};
