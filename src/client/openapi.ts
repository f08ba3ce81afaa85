/* eslint-disable */
// `npx node scripts/client-types.ts` writes this file from the OpenAPI document; do not edit it.

export interface paths {
  "/api/errors": {
    /**
     * Group the errors of tasks by event type and message
     * @description A token needs the scope tasks:read.
     */
    get: operations["listErrors"];
  };
  "/api/event-types": {
    /**
     * List the event types that live workers handle
     * @description A token needs the scope tasks:read.
     */
    get: operations["listEventTypes"];
  };
  "/api/event-types/{event_type}/pause": {
    /**
     * Let no worker take tasks of an event type; those that run go on
     * @description A token needs the scope queue:admin.
     */
    post: operations["pauseEventType"];
  };
  "/api/event-types/{event_type}/resume": {
    /**
     * Let workers take tasks of an event type again, the oldest first
     * @description A token needs the scope queue:admin.
     */
    post: operations["resumeEventType"];
  };
  "/api/events": {
    /**
     * Follow what happens to tasks, as server-sent events
     * @description Each change of a task of the queue is an event `task`. With several filters an event must match all. With the header Last-Event-ID the stream begins with what came after that event. An event `gap` says that events are missing before it. `ready` says that from there on the client gets each event as it comes. A token needs the scope tasks:read.
     */
    get: operations["followTasks"];
  };
  "/api/queue": {
    /**
     * Show the queues
     * @description A token needs the scope tasks:read.
     */
    get: operations["getQueue"];
  };
  "/api/queue/pause": {
    /**
     * Pause all workers; running tasks go on, and clients may submit tasks
     * @description A token needs the scope queue:admin.
     */
    post: operations["pauseQueue"];
  };
  "/api/queue/resume": {
    /**
     * Let workers take tasks again
     * @description A token needs the scope queue:admin.
     */
    post: operations["resumeQueue"];
  };
  "/api/schedules": {
    /**
     * List all schedules
     * @description A token needs the scope tasks:read.
     */
    get: operations["listSchedules"];
  };
  "/api/schedules/{id}": {
    /**
     * Show a schedule
     * @description A token needs the scope tasks:read.
     */
    get: operations["getSchedule"];
    /**
     * Make or replace a schedule
     * @description A schedule that is replaced keeps its pause and, while its timing stays, its next due time. Tasks that it has queued stay as they are. A token needs the scope tasks:write.
     */
    put: operations["putSchedule"];
    /**
     * Remove a schedule; its tasks stay
     * @description A token needs the scope tasks:write.
     */
    delete: operations["removeSchedule"];
  };
  "/api/schedules/{id}/pause": {
    /**
     * Let a schedule make no tasks
     * @description A token needs the scope tasks:write.
     */
    post: operations["pauseSchedule"];
  };
  "/api/schedules/{id}/resume": {
    /**
     * Let a schedule make tasks again; what was due meanwhile is left out
     * @description A token needs the scope tasks:write.
     */
    post: operations["resumeSchedule"];
  };
  "/api/schedules/{id}/run": {
    /**
     * Queue a task of a schedule now, out of turn
     * @description A token needs the scope tasks:write.
     */
    post: operations["runSchedule"];
  };
  "/api/tasks": {
    /**
     * List tasks, newest first within each status
     * @description Queued tasks are ordered by created_at, active ones by started_at, dead and completed ones by finished_at, and delayed ones by the time when they are due. Of several queues those of the first come first within each status. With several filters a task must match all. A search ends after 1 s: looked_at says how far it came, and next_cursor goes on. A token needs the scope tasks:read.
     */
    get: operations["listTasks"];
    /**
     * Submit a task
     * @description With the header "Prefer: wait=N" the answer comes when the task has ended, as a 200 with the task; else after N seconds as a 202. A token needs the scope tasks:write.
     */
    post: operations["submitTask"];
  };
  "/api/tasks/{id}": {
    /**
     * Show a task
     * @description With wait it answers when the task is completed or dead; when the time is over, with the task as it is. A token needs the scope tasks:read.
     */
    get: operations["getTask"];
    /**
     * Remove a task that is not active, and all that is kept of it
     * @description A token needs the scope tasks:write.
     */
    delete: operations["removeTask"];
  };
  "/api/tasks/{id}/cancel": {
    /**
     * End a task that waits; ask its worker to end one that runs
     * @description A token needs the scope tasks:write.
     */
    post: operations["cancelTask"];
  };
  "/api/tasks/{id}/history": {
    /**
     * Show the attempts at a task, and who changed it
     * @description A token needs the scope tasks:read.
     */
    get: operations["getTaskHistory"];
  };
  "/api/tasks/{id}/logs": {
    /**
     * Show the last lines of a task's handler
     * @description A token needs the scope tasks:read.
     */
    get: operations["getTaskLogs"];
  };
  "/api/tasks/{id}/retry": {
    /**
     * Queue a dead task again, with all its attempts
     * @description A token needs the scope tasks:write.
     */
    post: operations["retryTask"];
  };
  "/api/tasks/{id}/run": {
    /**
     * Make a delayed task due now
     * @description A token needs the scope tasks:write.
     */
    post: operations["runTask"];
  };
  "/api/tasks/batch": {
    /**
     * Submit up to 1,000 tasks
     * @description A 202 queues all tasks. A 4xx queues nothing. After a 503 the orchestrator removes the tasks that it had queued, unless Redis does not answer or a worker has started them. With an Idempotency-Key they stay: send the batch again under the same key to queue the rest. No task is queued twice. A token needs the scope tasks:write.
     */
    post: operations["submitBatch"];
  };
  "/api/tasks/bulk": {
    /**
     * Retry, cancel, remove or run all tasks that match, for up to 1 s; follow next_cursor for the rest
     * @description A token needs the scope tasks:write.
     */
    post: operations["changeTasks"];
  };
  "/api/workers": {
    /**
     * List the workers, and what each runs
     * @description A token needs the scope tasks:read.
     */
    get: operations["listWorkers"];
  };
}

export type webhooks = Record<string, never>;

export interface components {
  schemas: {
    ActiveTask: {
      event_type: string;
      id: string;
      queue: string;
      started_at: string | null;
    };
    AttemptError: {
      /** @description with the messages of its causes */
      message: string;
      name: string;
      /** @description with the stacks of its causes; shortened so that the whole attempt has 8 KiB */
      stack: string;
    };
    /**
     * @description one of active (it runs); completed; failed; timed_out; put_back (its worker had to stop) and stalled (its worker vanished), which use up no attempt
     * @enum {unknown}
     */
    AttemptOutcome: "active" | "completed" | "failed" | "timed_out" | "put_back" | "stalled";
    /** @description an object with tasks */
    BatchRequest: {
      /** @description a list of 1 to 1000 tasks */
      tasks: components["schemas"]["TaskRequest"][];
    };
    BatchSummary: {
      /** @description in the order of the request */
      tasks: components["schemas"]["SubmittedTask"][];
    };
    /**
     * @description one of retry (dead tasks), cancel (those that wait or run), remove (all but active ones), run_now (delayed ones)
     * @enum {unknown}
     */
    BulkAction: "retry" | "cancel" | "remove" | "run_now";
    /** @description the failed ones by reason */
    BulkFailures: {
      /** @description they have another status by now */
      changed: number;
      /** @description removed meanwhile */
      gone: number;
      /** @description damaged: remove them */
      unreadable: number;
    };
    /** @description an object; tasks that match all of it */
    BulkFilter: {
      /** @description a time such as 2026-11-23T09:03:23Z; tasks submitted then or later */
      created_after?: string;
      /** @description a time such as 2026-11-23T09:03:23Z; tasks submitted earlier */
      created_before?: string;
      /** @description the error of a group, as /api/errors has it: tasks of that group */
      error?: string;
      /** @description 1 to 500 characters of the last error, in upper or lower case */
      error_contains?: string;
      /** @description the name of an event type */
      event_type?: string;
      /** @description a time such as 2026-11-23T09:03:23Z; dead and completed tasks that ended then or later */
      finished_after?: string;
      /** @description a time such as 2026-11-23T09:03:23Z; dead and completed tasks that ended earlier */
      finished_before?: string;
      /** @description an id, or what it begins with */
      id?: string;
      /** @description 1 to 1000 ids: none but these */
      ids?: string[];
      /** @description the id of a task: its children, or the task before it in a chain */
      parent?: string;
      /** @description the name of a queue: tasks, or one of TASK_ROUTES */
      queue?: string;
      status?: components["schemas"]["TaskStatus"];
    };
    /** @description an object with action and filter */
    BulkRequest: {
      action: components["schemas"]["BulkAction"];
      /** @description the next_cursor of the call before */
      cursor?: string;
      /** @description true: counts the tasks, and changes none */
      dry_run?: boolean;
      filter: components["schemas"]["BulkFilter"];
      /** @description a whole number from 1 to 10000 */
      limit?: number;
    };
    BulkResult: {
      /** @description how many of them it changed; 0 for a dry run */
      done: number;
      /** @description how many of them it could not change */
      failed: number;
      failures: components["schemas"]["BulkFailures"];
      /** @description how many tasks this call looked at */
      looked_at: number;
      /** @description tasks that this call found */
      matched: number;
      /** @description for the next call, with the same action and filter; null: there are no more */
      next_cursor: string | null;
    };
    /** @description an object with id */
    Deduplication: {
      /** @description 1 to 200 characters; tasks of one event type with the same id are the same */
      id: string;
      /**
       * @description simple (as when absent): no other until this one has ended; throttle: no other within ttl_ms; debounce: it runs after ttl_ms, and another one meanwhile replaces its payload and begins the time anew
       * @enum {unknown}
       */
      mode?: "simple" | "throttle" | "debounce";
      /** @description milliseconds from 1 to 31536000000 (a year), for throttle and debounce */
      ttl_ms?: number;
    };
    /** @description An error in the HTTP API's shape: the request got as far as no route */
    Error: {
      /** @description stable: match on it */
      code: string;
      /** @description what was expected and what it got */
      message: string;
    };
    ErrorGroup: {
      /** @description tasks of the group, among those that were looked at */
      count: number;
      /** @description the first line of the error, its ids as <id> and its numbers as <n>; `error` of a filter finds the tasks */
      error: string;
      event_type: string;
      /** @description the id of the last one */
      example: string;
      /** @description when the last of them failed */
      last: string | null;
      /** @description when the first of them failed */
      since: string | null;
    };
    ErrorGroups: {
      /** @description the largest first, 100 at most */
      groups: components["schemas"]["ErrorGroup"][];
      /** @description whether all of them that match were looked at */
      is_complete: boolean;
      /** @description smaller groups that are not listed */
      left_out: number;
      /** @description how many tasks, the newest first */
      looked_at: number;
      /** @description how many tasks have the status */
      total: number;
    };
    EventType: {
      event_type: string;
      /** @description set while the event type is paused: workers take none of its tasks */
      paused: components["schemas"]["TypePause"] | null;
      /** @description a JSON Schema that payloads must fit; null where workers announced none */
      payload_schema: unknown;
    };
    EventTypeList: {
      /** @description those that live workers handle, by name */
      event_types: components["schemas"]["EventType"][];
    };
    EventTypeState: {
      event_type: string;
      /** @description whether a live worker handles it */
      handled: boolean;
      /** @description set while the event type is paused: workers take none of its tasks */
      paused: components["schemas"]["TypePause"] | null;
    };
    FlowTask: {
      event_type: string;
      id: string;
    };
    ListedTask: {
      /** @description attempts that have ended */
      attempts: number;
      created_at: string | null;
      /** @description when it is or was due: after its delay, a backoff, a retry by hand, or the resume of its event type */
      due_at: string | null;
      /** @description of the last failed attempt; in a list its first 1,000 characters */
      error: components["schemas"]["TaskError"] | null;
      event_type: string;
      finished_at: string | null;
      id: string;
      max_attempts: number;
      /** @description set while this task is queued and its event type is paused: it waits for the resume */
      paused: components["schemas"]["TypePause"] | null;
      priority: number;
      /** @description the queue that it is in */
      queue: string;
      scheduled_at: string | null;
      started_at: string | null;
      status: components["schemas"]["TaskStatus"];
      /** @description when a worker first had no handler for the event type of this queued or delayed task; it waits for one that has */
      unhandled_since: string | null;
      /** @description the id of the worker that took it last: see /api/workers */
      worker: string | null;
    };
    /** @description an object with event_type */
    MemberRequest: {
      /** @description milliseconds from 0 to 31536000000 (a year) */
      delay_ms?: number;
      /** @description a lower-case letter, then up to 63 of a-z 0-9 _ . - */
      event_type: string;
      /** @description a whole number from 1 to 100 */
      max_attempts?: number;
      /** @description any JSON, at most 1 MiB and 32 levels deep */
      payload?: unknown;
      /** @description a whole number from 0 (first, as when absent) to 2097152 (last) */
      priority?: number;
    };
    OneQueue: {
      oldest_age_seconds: number;
      /** @description whether workers take no tasks */
      paused: boolean;
      queue: string;
      tasks: {
        /** @description tasks that a worker runs */
        active: number;
        /** @description tasks that wait for other tasks to complete */
        blocked: number;
        /** @description tasks that ended well, and that the queue still keeps */
        completed: number;
        /** @description tasks that were given up, and that the queue still keeps */
        dead: number;
        /** @description tasks that are not due yet, or that a limit of their event type put off */
        delayed: number;
        /** @description tasks that are due, but whose event type is paused */
        paused: number;
        /** @description tasks that are due */
        waiting: number;
      };
    };
    PausedEventType: {
      /** @description the name of the token that paused it */
      by: string;
      event_type: string;
      since: string | null;
      /** @description tasks that wait for the resume */
      tasks: number;
    };
    Queue: {
      /** @description age of the task that is due for longest; 0 when none waits. Paused event types do not count. */
      oldest_age_seconds: number;
      /** @description whether workers take no tasks */
      paused: boolean;
      /** @description by name; at most 100 */
      paused_event_types: components["schemas"]["PausedEventType"][];
      /** @description each queue by itself; the numbers above are their sums */
      queues: components["schemas"]["OneQueue"][];
      tasks: {
        /** @description tasks that a worker runs */
        active: number;
        /** @description tasks that wait for other tasks to complete */
        blocked: number;
        /** @description tasks that ended well, and that the queue still keeps */
        completed: number;
        /** @description tasks that were given up, and that the queue still keeps */
        dead: number;
        /** @description tasks that are not due yet, or that a limit of their event type put off */
        delayed: number;
        /** @description tasks that are due, but whose event type is paused */
        paused: number;
        /** @description tasks that are due */
        waiting: number;
      };
      /** @description live workers that take tasks: see /api/workers */
      workers: number;
    };
    QueuePause: {
      /** @description whether workers take no tasks */
      paused: boolean;
    };
    QueueSlots: {
      queue: string;
      slots: number;
    };
    RelatedTask: {
      event_type: string;
      id: string;
      /** @description null: the task was removed */
      status: components["schemas"]["TaskStatus"] | null;
    };
    Schedule: {
      created_at: string | null;
      cron: string | null;
      event_type: string;
      every_ms: number | null;
      id: string;
      /** @description the last task that it made; null before the first */
      last_run: components["schemas"]["ScheduleRun"] | null;
      /** @description null: as TASK_MAX_ATTEMPTS says */
      max_attempts: number | null;
      /** @description due times without a task, because nothing ran then */
      missed: number;
      /** @description when its next task is due; null while it is paused */
      next_run_at: string | null;
      paused: boolean;
      priority: number;
      /** @description why it makes no tasks: its record in Redis is damaged; null: it is well */
      problem: string | null;
      /** @description tasks that it made */
      runs: number;
      /**
       * @description who made it: a request, or the module of handlers that workers announce
       * @enum {unknown}
       */
      source: "api" | "handlers";
      /** @description null with every_ms */
      time_zone: string | null;
      updated_at: string | null;
    };
    ScheduleDetail: {
      created_at: string | null;
      cron: string | null;
      event_type: string;
      every_ms: number | null;
      id: string;
      /** @description the last task that it made; null before the first */
      last_run: components["schemas"]["ScheduleRun"] | null;
      /** @description null: as TASK_MAX_ATTEMPTS says */
      max_attempts: number | null;
      /** @description due times without a task, because nothing ran then */
      missed: number;
      /** @description when its next task is due; null while it is paused */
      next_run_at: string | null;
      paused: boolean;
      payload: unknown;
      priority: number;
      /** @description why it makes no tasks: its record in Redis is damaged; null: it is well */
      problem: string | null;
      /** @description tasks that it made */
      runs: number;
      /**
       * @description who made it: a request, or the module of handlers that workers announce
       * @enum {unknown}
       */
      source: "api" | "handlers";
      /** @description null with every_ms */
      time_zone: string | null;
      updated_at: string | null;
    };
    ScheduleList: {
      /** @description by id, without payloads; at most 1000 */
      schedules: components["schemas"]["Schedule"][];
    };
    /** @description an object with event_type and either cron or every_ms */
    ScheduleRequest: {
      /** @description a cron expression of up to 200 characters, such as 0 6 * * 1-5 */
      cron?: string;
      /** @description a lower-case letter, then up to 63 of a-z 0-9 _ . - */
      event_type: string;
      /** @description milliseconds from 1000 to 31536000000 (a year) */
      every_ms?: number;
      /** @description a whole number from 1 to 100 */
      max_attempts?: number;
      /** @description any JSON, at most 1 MiB and 32 levels deep */
      payload?: unknown;
      /** @description a whole number from 0 (first, as when absent) to 2097152 (last) */
      priority?: number;
      /** @description the name of a time zone, such as Europe/Berlin; UTC when absent */
      time_zone?: string;
    };
    ScheduleRun: {
      due_at: string | null;
      queued_at: string | null;
      /** @description of the task now; null when the task was removed */
      status: components["schemas"]["TaskStatus"] | null;
      task_id: string;
    };
    SubmittedTask: {
      /** @description in the order of the request */
      children?: components["schemas"]["FlowTask"][];
      /** @description true: no task was added; the id is that of the task that stands for it */
      deduplicated?: boolean;
      event_type: string;
      id: string;
      /** @description in the order of the request */
      next?: components["schemas"]["FlowTask"][];
      /** @description the queue that it is in */
      queue: string;
      status: components["schemas"]["TaskStatus"];
    };
    Task: {
      /** @description attempts that have ended */
      attempts: number;
      /** @description the tasks that this one waits or waited for; in a chain the one before it */
      children: components["schemas"]["RelatedTask"][];
      created_at: string | null;
      /** @description when it is or was due: after its delay, a backoff, a retry by hand, or the resume of its event type */
      due_at: string | null;
      /** @description of the last failed attempt; in a list its first 1,000 characters */
      error: components["schemas"]["TaskError"] | null;
      event_type: string;
      finished_at: string | null;
      id: string;
      max_attempts: number;
      /** @description of the first task of a chain: those that follow, one after the other */
      next: components["schemas"]["RelatedTask"][];
      /** @description the task that waits for this one */
      parent: components["schemas"]["RelatedTask"] | null;
      /** @description set while this task is queued and its event type is paused: it waits for the resume */
      paused: components["schemas"]["TypePause"] | null;
      /** @description left out with brief */
      payload?: unknown;
      priority: number;
      /** @description what the handler reported last in the attempt that runs, or completed; null: nothing */
      progress: unknown;
      /** @description the queue that it is in */
      queue: string;
      /** @description what the handler returned; null until completed; left out with brief */
      result?: unknown;
      /** @description the schedule that made it, and the due time that it is for */
      schedule: components["schemas"]["TaskSchedule"] | null;
      scheduled_at: string | null;
      started_at: string | null;
      status: components["schemas"]["TaskStatus"];
      /** @description of the request that submitted it */
      traceparent: string | null;
      /** @description when a worker first had no handler for the event type of this queued or delayed task; it waits for one that has */
      unhandled_since: string | null;
      /** @description the id of the worker that took it last: see /api/workers */
      worker: string | null;
    };
    TaskAttempt: {
      ended_at: string | null;
      /** @description of one that failed or timed out */
      error: components["schemas"]["AttemptError"] | null;
      /** @description as the handler gets it; a retry by hand begins with 1 again, and what used up no attempt comes again */
      number: number;
      outcome: components["schemas"]["AttemptOutcome"];
      /** @description what the handler reported last; null: nothing */
      progress: unknown;
      started_at: string | null;
      /** @description its id: see /api/workers */
      worker: string | null;
    };
    TaskChange: {
      /** @description as in the audit log: task.retry, task.cancel or task.run, also when one call changed many tasks */
      action: string;
      at: string | null;
      /** @description the name of the token; anonymous: the API needs none */
      by: string;
    };
    TaskError: {
      message: string;
    };
    /** @enum {unknown} */
    TaskEventStatus: "queued" | "delayed" | "blocked" | "active" | "completed" | "dead" | "removed";
    TaskHistory: {
      /** @description oldest first; of those that did not complete the last 20 */
      attempts: components["schemas"]["TaskAttempt"][];
      /** @description oldest first; the last 20 */
      changes: components["schemas"]["TaskChange"][];
    };
    TaskList: {
      /** @description with sort: whether it looked at all tasks that match */
      is_complete?: boolean;
      /** @description how many tasks it looked at for this page */
      looked_at: number;
      /** @description for the next page; null at the end. A page before the end may hold fewer tasks than the limit. */
      next_cursor: string | null;
      /** @description without their payloads and results */
      tasks: components["schemas"]["ListedTask"][];
    };
    TaskLogLine: {
      /** @description the number of the attempt that logged it */
      attempt: number | null;
      /** @description up to about 1,000 characters of JSON; longer values are cut, and some left out */
      fields: {
        [key: string]: unknown;
      };
      /** @description trace, debug, info, warn, error, fatal, or the number of another one */
      level: string | null;
      /** @description its first 1,000 characters */
      message: string;
      time: string | null;
    };
    TaskLogs: {
      /** @description oldest first; the last 100 of the handler */
      lines: components["schemas"]["TaskLogLine"][];
    };
    /** @description an object with event_type */
    TaskRequest: {
      /** @description a list of 1 to 100 tasks; this task is blocked until all have ended */
      children?: components["schemas"]["MemberRequest"][];
      deduplication?: components["schemas"]["Deduplication"];
      /** @description milliseconds from 0 to 31536000000 (a year) */
      delay_ms?: number;
      /** @description a lower-case letter, then up to 63 of a-z 0-9 _ . - */
      event_type: string;
      /** @description a whole number from 1 to 100 */
      max_attempts?: number;
      /** @description a list of 1 to 20 tasks; each is blocked until the one before has completed */
      next?: components["schemas"]["MemberRequest"][];
      /**
       * @description fail or run: whether this task is dead when a child is (fail, as when absent), or runs all the same
       * @enum {unknown}
       */
      on_child_dead?: "fail" | "run";
      /** @description any JSON, at most 1 MiB and 32 levels deep */
      payload?: unknown;
      /** @description a whole number from 0 (first, as when absent) to 2097152 (last) */
      priority?: number;
      /** @description the name of a queue, for all tasks of the request; absent: TASK_ROUTES chooses it */
      queue?: string;
    };
    TaskSchedule: {
      due_at: string | null;
      id: string;
    };
    /**
     * @description one of queued, delayed, blocked, active, completed, dead; a blocked task waits for other tasks to complete
     * @enum {unknown}
     */
    TaskStatus: "queued" | "delayed" | "blocked" | "active" | "completed" | "dead";
    TaskSummary: {
      event_type: string;
      id: string;
      /** @description the queue that it is in */
      queue: string;
      status: components["schemas"]["TaskStatus"];
    };
    TypePause: {
      /** @description the name of the token that paused it */
      by: string;
      since: string | null;
    };
    Worker: {
      /** @description the tasks that it runs now */
      active: components["schemas"]["ActiveTask"][];
      /** @description that it has handlers for */
      event_types: string[];
      host: string;
      /** @description one for each start of a process */
      id: string;
      /**
       * Format: date-time
       * @description when it announced itself last; a live one does so every 10 s
       */
      last_seen: string;
      pid: number;
      /** @description the queues that it takes tasks from, each with its slots */
      queues: components["schemas"]["QueueSlots"][];
      /**
       * Format: date-time
       * @description when it announced itself first
       */
      since: string;
      /** @description how many tasks it runs at once */
      slots: number;
      state: components["schemas"]["WorkerState"];
      version: string;
    };
    WorkerList: {
      /** @description active tasks of workers that are not in the list, such as those of an older version */
      unassigned: number;
      /** @description those that were seen in the last hour, the last seen first; at most 1,000 */
      workers: components["schemas"]["Worker"][];
    };
    /**
     * @description one of running; draining (takes no more tasks); stopped (ended as it should); vanished (silent for 30 s, but did not stop)
     * @enum {unknown}
     */
    WorkerState: "running" | "draining" | "stopped" | "vanished";
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}

export type $defs = Record<string, never>;

export type external = Record<string, never>;

export interface operations {

  /**
   * Group the errors of tasks by event type and message
   * @description A token needs the scope tasks:read.
   */
  listErrors: {
    parameters: {
      query: {
        /** @description one of dead, delayed (tasks between two attempts) */
        status: "dead" | "delayed";
        /** @description the name of an event type */
        event_type?: string;
        /** @description the name of a queue: tasks, or one of TASK_ROUTES */
        queue?: string;
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["ErrorGroups"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * List the event types that live workers handle
   * @description A token needs the scope tasks:read.
   */
  listEventTypes: {
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["EventTypeList"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Let no worker take tasks of an event type; those that run go on
   * @description A token needs the scope queue:admin.
   */
  pauseEventType: {
    parameters: {
      path: {
        /** @description a lower-case letter, then up to 63 of a-z 0-9 _ . - */
        event_type: string;
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["EventTypeState"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The status of the task does not allow it */
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Let workers take tasks of an event type again, the oldest first
   * @description A token needs the scope queue:admin.
   */
  resumeEventType: {
    parameters: {
      path: {
        /** @description a lower-case letter, then up to 63 of a-z 0-9 _ . - */
        event_type: string;
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["EventTypeState"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Follow what happens to tasks, as server-sent events
   * @description Each change of a task of the queue is an event `task`. With several filters an event must match all. With the header Last-Event-ID the stream begins with what came after that event. An event `gap` says that events are missing before it. `ready` says that from there on the client gets each event as it comes. A token needs the scope tasks:read.
   */
  followTasks: {
    parameters: {
      query?: {
        /** @description the name of one queue; absent: tasks */
        queue?: string;
        /** @description a lower-case letter, then up to 63 of a-z 0-9 _ . - */
        event_type?: string;
        /** @description one of queued, delayed, blocked, active, completed, dead, removed */
        status?: components["schemas"]["TaskEventStatus"];
        /** @description the id of a task */
        id?: string;
      };
      header?: {
        /** @description the id of an event, such as 1764182400000-0; 0-0 is the oldest that is kept */
        "last-event-id"?: string;
      };
    };
    responses: {
      /** @description Server-sent events */
      200: {
        content: {
          "text/event-stream": string;
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Show the queues
   * @description A token needs the scope tasks:read.
   */
  getQueue: {
    parameters: {
      query?: {
        /** @description the name of one queue; absent: all */
        queue?: string;
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["Queue"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Pause all workers; running tasks go on, and clients may submit tasks
   * @description A token needs the scope queue:admin.
   */
  pauseQueue: {
    parameters: {
      query?: {
        /** @description the name of one queue; absent: all */
        queue?: string;
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["QueuePause"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Let workers take tasks again
   * @description A token needs the scope queue:admin.
   */
  resumeQueue: {
    parameters: {
      query?: {
        /** @description the name of one queue; absent: all */
        queue?: string;
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["QueuePause"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * List all schedules
   * @description A token needs the scope tasks:read.
   */
  listSchedules: {
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["ScheduleList"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Show a schedule
   * @description A token needs the scope tasks:read.
   */
  getSchedule: {
    parameters: {
      path: {
        /**
         * @description the id of a schedule: a lower-case letter, then up to 63 of a-z 0-9 _ . -
         * @example report.daily
         */
        id: string;
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["ScheduleDetail"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description There is no such task */
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Make or replace a schedule
   * @description A schedule that is replaced keeps its pause and, while its timing stays, its next due time. Tasks that it has queued stay as they are. A token needs the scope tasks:write.
   */
  putSchedule: {
    parameters: {
      path: {
        /**
         * @description the id of a schedule: a lower-case letter, then up to 63 of a-z 0-9 _ . -
         * @example report.daily
         */
        id: string;
      };
    };
    /** @description an object with event_type and either cron or every_ms */
    requestBody: {
      content: {
        "application/json": components["schemas"]["ScheduleRequest"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description absent when live workers handle all event types, else such as unknown-event-type; event_types="order.paid"; count=1 */
          "asdlc-warning"?: string;
        };
        content: {
          "application/json": components["schemas"]["Schedule"];
        };
      };
      /** @description Created */
      201: {
        headers: {
          /** @description absent when live workers handle all event types, else such as unknown-event-type; event_types="order.paid"; count=1 */
          "asdlc-warning"?: string;
        };
        content: {
          "application/json": components["schemas"]["Schedule"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The status of the task does not allow it */
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The body is too large */
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The body has another media type */
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The Idempotency-Key was used for another task, no live worker handles the event type or takes the payload, or the task is damaged */
      422: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Remove a schedule; its tasks stay
   * @description A token needs the scope tasks:write.
   */
  removeSchedule: {
    parameters: {
      path: {
        /**
         * @description the id of a schedule: a lower-case letter, then up to 63 of a-z 0-9 _ . -
         * @example report.daily
         */
        id: string;
      };
    };
    responses: {
      /** @description No Content */
      204: {
        content: never;
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description There is no such task */
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Let a schedule make no tasks
   * @description A token needs the scope tasks:write.
   */
  pauseSchedule: {
    parameters: {
      path: {
        /**
         * @description the id of a schedule: a lower-case letter, then up to 63 of a-z 0-9 _ . -
         * @example report.daily
         */
        id: string;
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["Schedule"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description There is no such task */
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The status of the task does not allow it */
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Let a schedule make tasks again; what was due meanwhile is left out
   * @description A token needs the scope tasks:write.
   */
  resumeSchedule: {
    parameters: {
      path: {
        /**
         * @description the id of a schedule: a lower-case letter, then up to 63 of a-z 0-9 _ . -
         * @example report.daily
         */
        id: string;
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["Schedule"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description There is no such task */
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The status of the task does not allow it */
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Queue a task of a schedule now, out of turn
   * @description A token needs the scope tasks:write.
   */
  runSchedule: {
    parameters: {
      header?: {
        /** @description 1 to 255 characters; a request with the same key again makes no second task */
        "idempotency-key"?: string;
      };
      path: {
        /**
         * @description the id of a schedule: a lower-case letter, then up to 63 of a-z 0-9 _ . -
         * @example report.daily
         */
        id: string;
      };
    };
    responses: {
      /** @description Accepted */
      202: {
        headers: {
          /** @description the path of the task */
          location?: string;
        };
        content: {
          "application/json": components["schemas"]["TaskSummary"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description There is no such task */
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The status of the task does not allow it */
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * List tasks, newest first within each status
   * @description Queued tasks are ordered by created_at, active ones by started_at, dead and completed ones by finished_at, and delayed ones by the time when they are due. Of several queues those of the first come first within each status. With several filters a task must match all. A search ends after 1 s: looked_at says how far it came, and next_cursor goes on. A token needs the scope tasks:read.
   */
  listTasks: {
    parameters: {
      query: {
        /** @description one of queued, delayed, blocked, active, completed, dead; a blocked task waits for other tasks to complete */
        status?: components["schemas"]["TaskStatus"];
        /** @description the name of a queue: tasks, or one of TASK_ROUTES */
        queue?: string;
        /** @description an id, or what it begins with */
        id?: string;
        /** @description the id of a task: its children, or the task before it in a chain */
        parent?: string;
        /** @description the name of an event type */
        event_type?: string;
        /** @description 1 to 500 characters of the last error, in upper or lower case */
        error_contains?: string;
        /** @description the error of a group, as /api/errors has it: tasks of that group */
        error?: string;
        /** @description a time such as 2026-11-23T09:03:23Z; tasks submitted then or later */
        created_after?: string;
        /** @description a time such as 2026-11-23T09:03:23Z; tasks submitted earlier */
        created_before?: string;
        /** @description a time such as 2026-11-23T09:03:23Z; dead and completed tasks that ended then or later */
        finished_after?: string;
        /** @description a time such as 2026-11-23T09:03:23Z; dead and completed tasks that ended earlier */
        finished_before?: string;
        /** @description a whole number from 1 to 200 */
        limit: number;
        /** @description the next_cursor of an earlier page */
        cursor?: string;
        /** @description run_time: dead and completed tasks, those first whose last attempt ran longest, among the newest 5,000 of each; one page */
        sort?: "run_time";
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["TaskList"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Submit a task
   * @description With the header "Prefer: wait=N" the answer comes when the task has ended, as a 200 with the task; else after N seconds as a 202. A token needs the scope tasks:write.
   */
  submitTask: {
    parameters: {
      header?: {
        /** @description 1 to 255 characters; a request with the same key again makes no second task */
        "idempotency-key"?: string;
        /** @description wait=N: wait up to N seconds (60 at most) for the end of the task (RFC 7240) */
        prefer?: string;
      };
    };
    /** @description an object with event_type */
    requestBody: {
      content: {
        "application/json": components["schemas"]["TaskRequest"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description absent when live workers handle all event types, else such as unknown-event-type; event_types="order.paid"; count=1 */
          "asdlc-warning"?: string;
          /** @description the path of the task */
          location?: string;
          /** @description wait=N when the server waited, or would have, for the end of the task */
          "preference-applied"?: string;
        };
        content: {
          "application/json": components["schemas"]["Task"];
        };
      };
      /** @description Accepted */
      202: {
        headers: {
          /** @description absent when live workers handle all event types, else such as unknown-event-type; event_types="order.paid"; count=1 */
          "asdlc-warning"?: string;
          /** @description the path of the task */
          location?: string;
          /** @description wait=N when the server waited, or would have, for the end of the task */
          "preference-applied"?: string;
        };
        content: {
          "application/json": components["schemas"]["SubmittedTask"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The body is too large */
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The body has another media type */
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The Idempotency-Key was used for another task, no live worker handles the event type or takes the payload, or the task is damaged */
      422: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Show a task
   * @description With wait it answers when the task is completed or dead; when the time is over, with the task as it is. A token needs the scope tasks:read.
   */
  getTask: {
    parameters: {
      query: {
        /** @description true (without payload and result) or false */
        brief: boolean;
        /** @description seconds to wait for the end of the task: a whole number from 0 to 60 */
        wait: number;
      };
      path: {
        /** @description the id of a task: 1 to 200 characters */
        id: string;
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["Task"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description There is no such task */
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Remove a task that is not active, and all that is kept of it
   * @description A token needs the scope tasks:write.
   */
  removeTask: {
    parameters: {
      path: {
        /** @description the id of a task: 1 to 200 characters */
        id: string;
      };
    };
    responses: {
      /** @description No Content */
      204: {
        content: never;
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description There is no such task */
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The status of the task does not allow it */
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * End a task that waits; ask its worker to end one that runs
   * @description A token needs the scope tasks:write.
   */
  cancelTask: {
    parameters: {
      path: {
        /** @description the id of a task: 1 to 200 characters */
        id: string;
      };
    };
    responses: {
      /** @description Accepted */
      202: {
        content: {
          "application/json": components["schemas"]["TaskSummary"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description There is no such task */
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The status of the task does not allow it */
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Show the attempts at a task, and who changed it
   * @description A token needs the scope tasks:read.
   */
  getTaskHistory: {
    parameters: {
      path: {
        /** @description the id of a task: 1 to 200 characters */
        id: string;
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["TaskHistory"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description There is no such task */
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Show the last lines of a task's handler
   * @description A token needs the scope tasks:read.
   */
  getTaskLogs: {
    parameters: {
      path: {
        /** @description the id of a task: 1 to 200 characters */
        id: string;
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["TaskLogs"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description There is no such task */
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Queue a dead task again, with all its attempts
   * @description A token needs the scope tasks:write.
   */
  retryTask: {
    parameters: {
      path: {
        /** @description the id of a task: 1 to 200 characters */
        id: string;
      };
    };
    responses: {
      /** @description Accepted */
      202: {
        content: {
          "application/json": components["schemas"]["TaskSummary"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description There is no such task */
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The status of the task does not allow it */
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The Idempotency-Key was used for another task, no live worker handles the event type or takes the payload, or the task is damaged */
      422: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Make a delayed task due now
   * @description A token needs the scope tasks:write.
   */
  runTask: {
    parameters: {
      path: {
        /** @description the id of a task: 1 to 200 characters */
        id: string;
      };
    };
    responses: {
      /** @description Accepted */
      202: {
        content: {
          "application/json": components["schemas"]["TaskSummary"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description There is no such task */
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The status of the task does not allow it */
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Submit up to 1,000 tasks
   * @description A 202 queues all tasks. A 4xx queues nothing. After a 503 the orchestrator removes the tasks that it had queued, unless Redis does not answer or a worker has started them. With an Idempotency-Key they stay: send the batch again under the same key to queue the rest. No task is queued twice. A token needs the scope tasks:write.
   */
  submitBatch: {
    parameters: {
      header?: {
        /** @description 1 to 255 characters; a request with the same key again makes no second task */
        "idempotency-key"?: string;
      };
    };
    /** @description an object with tasks */
    requestBody: {
      content: {
        "application/json": components["schemas"]["BatchRequest"];
      };
    };
    responses: {
      /** @description Accepted */
      202: {
        headers: {
          /** @description absent when live workers handle all event types, else such as unknown-event-type; event_types="order.paid"; count=1 */
          "asdlc-warning"?: string;
        };
        content: {
          "application/json": components["schemas"]["BatchSummary"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The body is too large */
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The body has another media type */
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The Idempotency-Key was used for another task, no live worker handles the event type or takes the payload, or the task is damaged */
      422: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * Retry, cancel, remove or run all tasks that match, for up to 1 s; follow next_cursor for the rest
   * @description A token needs the scope tasks:write.
   */
  changeTasks: {
    /** @description an object with action and filter */
    requestBody: {
      content: {
        "application/json": components["schemas"]["BulkRequest"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["BulkResult"];
        };
      };
      /** @description The request is not as the API expects it */
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The body is too large */
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The body has another media type */
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  /**
   * List the workers, and what each runs
   * @description A token needs the scope tasks:read.
   */
  listWorkers: {
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["WorkerList"];
        };
      };
      /** @description The request has no valid token */
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description The token lacks the scope, or a foreign page sent the request */
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Too many wrong tokens came from this address */
      429: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      /** @description Redis is away, or the service stops or has too much to do */
      503: {
        headers: {
          /** @description seconds */
          "retry-after"?: string;
        };
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
}
