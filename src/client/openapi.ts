/* eslint-disable */
// `npx node scripts/client-types.ts` writes this file from the OpenAPI document; do not edit it.

export interface paths {
  "/api/queue": {
    /**
     * Show the queue
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
  "/api/tasks": {
    /**
     * List tasks, newest first within each status
     * @description Queued tasks are ordered by created_at, active ones by started_at, dead and completed ones by finished_at, and delayed ones by the time when they are due. A token needs the scope tasks:read.
     */
    get: operations["listTasks"];
    /**
     * Submit a task
     * @description A token needs the scope tasks:write.
     */
    post: operations["submitTask"];
  };
  "/api/tasks/{id}": {
    /**
     * Show a task
     * @description A token needs the scope tasks:read.
     */
    get: operations["getTask"];
    /**
     * Remove a task that is not active; this cancels a queued or delayed one
     * @description A token needs the scope tasks:write.
     */
    delete: operations["removeTask"];
  };
  "/api/tasks/{id}/retry": {
    /**
     * Queue a dead task again, with all its attempts
     * @description A token needs the scope tasks:write.
     */
    post: operations["retryTask"];
  };
  "/api/tasks/batch": {
    /**
     * Submit up to 1,000 tasks
     * @description A 202 queues all tasks. A 4xx queues nothing. After a 503 the orchestrator removes the tasks that it had queued, unless Redis does not answer or a worker has started them. With an Idempotency-Key they stay: send the batch again under the same key to queue the rest. No task is queued twice. A token needs the scope tasks:write.
     */
    post: operations["submitBatch"];
  };
}

export type webhooks = Record<string, never>;

export interface components {
  schemas: {
    /** @description an object with tasks */
    BatchRequest: {
      /** @description a list of 1 to 1000 tasks */
      tasks: components["schemas"]["TaskRequest"][];
    };
    BatchSummary: {
      /** @description in the order of the request */
      tasks: components["schemas"]["TaskSummary"][];
    };
    /** @description An error in the HTTP API's shape: the request got as far as no route */
    Error: {
      /** @description stable: match on it */
      code: string;
      /** @description what was expected and what it got */
      message: string;
    };
    ListedTask: {
      /** @description attempts that have ended */
      attempts: number;
      created_at: string | null;
      /** @description of the last failed attempt; in a list its first 1,000 characters */
      error: components["schemas"]["TaskError"] | null;
      event_type: string;
      finished_at: string | null;
      id: string;
      max_attempts: number;
      priority: number;
      scheduled_at: string | null;
      started_at: string | null;
      status: components["schemas"]["TaskStatus"];
      /** @description when a worker first had no handler for the event type of this queued or delayed task; it waits for one that has */
      unhandled_since: string | null;
    };
    Queue: {
      /** @description age of the task that is due for longest; 0 when none waits */
      oldest_age_seconds: number;
      /** @description whether workers take no tasks */
      paused: boolean;
      tasks: {
        /** @description tasks that a worker runs */
        active: number;
        /** @description tasks that ended well, and that the queue still keeps */
        completed: number;
        /** @description tasks that were given up, and that the queue still keeps */
        dead: number;
        /** @description tasks that are not due yet, or that a limit of their event type put off */
        delayed: number;
        /** @description tasks that are due */
        waiting: number;
      };
    };
    QueuePause: {
      /** @description whether workers take no tasks */
      paused: boolean;
    };
    Task: {
      /** @description attempts that have ended */
      attempts: number;
      created_at: string | null;
      /** @description of the last failed attempt; in a list its first 1,000 characters */
      error: components["schemas"]["TaskError"] | null;
      event_type: string;
      finished_at: string | null;
      id: string;
      max_attempts: number;
      payload: unknown;
      priority: number;
      /** @description what the handler returned; null until completed */
      result: unknown;
      scheduled_at: string | null;
      started_at: string | null;
      status: components["schemas"]["TaskStatus"];
      /** @description of the request that submitted it */
      traceparent: string | null;
      /** @description when a worker first had no handler for the event type of this queued or delayed task; it waits for one that has */
      unhandled_since: string | null;
    };
    TaskError: {
      message: string;
    };
    TaskList: {
      /** @description for the next page; null at the end. A page before the end may hold fewer tasks than the limit. */
      next_cursor: string | null;
      /** @description without their payloads and results */
      tasks: components["schemas"]["ListedTask"][];
    };
    /** @description an object with event_type */
    TaskRequest: {
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
    /**
     * @description one of queued, delayed, active, completed, dead
     * @enum {unknown}
     */
    TaskStatus: "queued" | "delayed" | "active" | "completed" | "dead";
    TaskSummary: {
      event_type: string;
      id: string;
      status: components["schemas"]["TaskStatus"];
    };
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
   * Show the queue
   * @description A token needs the scope tasks:read.
   */
  getQueue: {
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["Queue"];
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
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["QueuePause"];
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
    responses: {
      /** @description OK */
      200: {
        content: {
          "application/json": components["schemas"]["QueuePause"];
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
   * List tasks, newest first within each status
   * @description Queued tasks are ordered by created_at, active ones by started_at, dead and completed ones by finished_at, and delayed ones by the time when they are due. A token needs the scope tasks:read.
   */
  listTasks: {
    parameters: {
      query: {
        /** @description one of queued, delayed, active, completed, dead */
        status?: components["schemas"]["TaskStatus"];
        /** @description the name of an event type */
        event_type?: string;
        /** @description a whole number from 1 to 200 */
        limit: number;
        /** @description the next_cursor of an earlier page */
        cursor?: string;
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
   * @description A token needs the scope tasks:write.
   */
  submitTask: {
    parameters: {
      header?: {
        /** @description 1 to 255 characters; a request with the same key again makes no second task */
        "idempotency-key"?: string;
      };
    };
    /** @description an object with event_type */
    requestBody: {
      content: {
        "application/json": components["schemas"]["TaskRequest"];
      };
    };
    responses: {
      /** @description Accepted */
      202: {
        headers: {
          /** @description absent when live workers handle all event types, else such as unknown-event-type; event_types="order.paid"; count=1 */
          "asdlc-warning"?: string;
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
   * @description A token needs the scope tasks:read.
   */
  getTask: {
    parameters: {
      path: {
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
   * Remove a task that is not active; this cancels a queued or delayed one
   * @description A token needs the scope tasks:write.
   */
  removeTask: {
    parameters: {
      path: {
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
   * Queue a dead task again, with all its attempts
   * @description A token needs the scope tasks:write.
   */
  retryTask: {
    parameters: {
      path: {
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
}
