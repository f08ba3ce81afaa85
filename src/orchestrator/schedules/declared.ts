import type { ErrorObject } from 'ajv';
import { compileSchema } from '../../shared/compile-schema.ts';
import { AsdlcError } from '../../shared/errors.ts';
import { SCHEDULE_ID_PATTERN } from '../../shared/http-contract/schedule-limits.ts';
import { ScheduleRequest } from '../../shared/http-contract/schedules.ts';
import { noteUndeclared } from '../../shared/queue/bullmq-schedules.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import { type Declaration, readDeclarations } from '../../shared/queue/declared-schedules.ts';
import type { Logger } from '../../shared/service/logging.ts';
import { describeSchemaError } from '../../shared/service/schema-errors.ts';
import { JsonText } from '../tasks/json-text.ts';
import type { ScheduleStore } from './schedule-store.ts';

const INTERVAL_MS = 3_000;
/** A schedule stays for this long while no live worker handles its event type: all of them may be on a deploy. */
const KEPT_MS = 10 * 60_000;

const isRequest = compileSchema<ScheduleRequest>(ScheduleRequest);
const isId = new RegExp(SCHEDULE_ID_PATTERN);

export interface DeclaredSchedulesOptions {
  readonly queueRedis: QueueRedis;
  readonly prefix: string;
  readonly store: ScheduleStore;
  readonly logger: Logger;
}

/**
 * Keeps the schedules that workers declare: makes and replaces them, and removes those that no live worker declares any
 * more. It leaves alone what a request made. All orchestrators do this, and come to the same end.
 */
export class DeclaredSchedules {
  readonly #options: DeclaredSchedulesOptions;
  /** By id, what was logged last. */
  readonly #problems = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: DeclaredSchedulesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#round().then(() => {
      this.#running = undefined;
      if (!this.#isClosed) this.#timer = setTimeout(() => this.start(), INTERVAL_MS);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #round(): Promise<void> {
    const { queueRedis, prefix, logger } = this.#options;
    try {
      const declarations = await readDeclarations(queueRedis.redis, prefix);
      if (declarations.length === 0) return; // while no worker lives nobody knows
      const declared = new Set<string>();
      for (const { schedules } of declarations) {
        for (const [id, schedule] of Object.entries(schedules)) {
          if (!declared.has(id)) await this.#declare(id, schedule);
          declared.add(id); // of two versions that of the worker which started last counts
        }
      }
      await this.#removeOthers(declared, declarations);
    } catch (error) {
      logger.debug({ error }, 'schedules of the handlers: redis did not answer');
    }
  }

  async #declare(id: string, given: unknown): Promise<void> {
    const problem = await this.#put(id, given);
    if (problem === this.#problems.get(id)) return;
    if (problem === undefined) this.#problems.delete(id);
    else {
      this.#problems.set(id, problem);
      this.#options.logger.warn(
        { schedule: id.slice(0, 64), problem },
        'a schedule of the handlers is not in use',
      );
    }
  }

  /** Returns why it was not possible. */
  async #put(id: string, given: unknown): Promise<string | undefined> {
    if (!isId.test(id)) return 'expected the id of a schedule';
    if (!isRequest(given)) return describeSchemaError(isRequest.errors?.[0] as ErrorObject, id); // there is one
    const { payload, ...request } = given;
    const input = {
      ...request,
      ...(payload !== undefined && { payload: new JsonText(JSON.stringify(payload)) }),
    };
    try {
      const result = await this.#options.store.declare(id, input, 'handlers');
      if (result === 'foreign') return 'a request made a schedule with this id';
      return result === 'full' ? 'there are too many schedules' : undefined;
    } catch (error) {
      if (error instanceof AsdlcError && error.statusCode < 500) return error.message;
      throw error;
    }
  }

  async #removeOthers(declared: ReadonlySet<string>, declarations: readonly Declaration[]): Promise<void> {
    const { queueRedis, store, logger } = this.#options;
    const handled = new Set(declarations.flatMap(({ event_types }) => event_types));
    for (const { id, source, event_type } of await store.list()) {
      if (source !== 'handlers' || declared.has(id)) continue;
      if (!handled.has(event_type) && (await noteUndeclared(queueRedis, id)) < KEPT_MS) continue;
      await store.remove(id).catch(() => undefined); // another orchestrator was first
      logger.info({ schedule: id }, 'schedule removed: no live worker declares it any more');
    }
  }
}
