import { type ReadonlySignal, signal } from '@preact/signals';
import { ApiError } from './api-error.ts';

/*
 * Sends a request again and again, and keeps what is known:
 *
 *   loading   no response has come yet
 *   ok        the last response succeeded
 *   empty     the last response succeeded, with nothing in it
 *   error     the request failed or has run for 10 s, and there are no data
 *   stale     the request failed or has run for 10 s, and `data` are those of `updatedAt`
 *
 * Requests never overlap: the next one starts an interval after the last one ended. A hidden tab sends none.
 */
export interface LiveData<T> {
  readonly status: 'loading' | 'ok' | 'empty' | 'error' | 'stale';
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  /** Unix seconds of the last response that succeeded. */
  readonly updatedAt: number | undefined;
  /** Whether a request runs. */
  readonly isBusy: boolean;
  /** Whether the request has changed since, and all of the above still belongs to the request before. */
  readonly isPending: boolean;
}

export interface PollerOptions<T> {
  readonly load: (signal: AbortSignal) => Promise<T>;
  readonly isEmpty?: (data: T) => boolean;
  /** Milliseconds between requests; null: only `refresh` sends one. The poller reads it before each wait. */
  readonly intervalMs: () => number | null;
  /** Of the tab; the page passes documentVisibility. */
  readonly visibility: Visibility;
  /** What another poller knows from the same request. It is shown until the first response comes. */
  readonly initial?: LiveData<T>;
}

export interface Visibility {
  readonly isHidden: () => boolean;
  /** Calls `changed` at every change. Returns a function that ends this. */
  readonly onChange: (changed: () => void) => () => void;
}

export interface Poller<T> {
  readonly state: ReadonlySignal<LiveData<T>>;
  /**
   * Sends a request now. If one runs, the next follows at once, since its answer may be older than what made the caller ask;
   * after a failure it waits as ever. Aborts one that has run for over 10 s.
   */
  readonly refresh: () => void;
  /**
   * Sends another request now, because `load` has changed; aborts one that runs. The old data stay until the response
   * comes. They go if the request fails, because they belong to another request.
   */
  readonly restart: () => void;
  /** Call it when the interval has changed. */
  readonly reschedule: () => void;
  readonly stop: () => void;
}

export const LOADING: LiveData<never> = {
  status: 'loading',
  data: undefined,
  error: undefined,
  updatedAt: undefined,
  isBusy: false,
  isPending: false,
};

const LATE_MS = 10_000;

/** Starts at once. */
export function createPoller<T>(options: PollerOptions<T>): Poller<T> {
  const { intervalMs, visibility } = options;
  const state = signal<LiveData<T>>(options.initial ?? LOADING);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;
  let endedAtMs: number | undefined;
  let retryAfterMs = 0;
  let isOtherRequest = options.initial?.isPending ?? false;
  let isOverdue = false;
  let isAskedAgain = false;

  async function run(): Promise<void> {
    clearTimeout(timer);
    const controller = new AbortController();
    running = controller;
    state.value = { ...state.value, isBusy: true };
    isOverdue = isAskedAgain = false;
    const late = setTimeout(() => {
      if (running !== controller) return;
      isOverdue = true;
      state.value = overdue(isOtherRequest ? LOADING : state.value);
    }, LATE_MS);
    const next = await send(options, controller.signal, () => (isOtherRequest ? LOADING : state.value));
    clearTimeout(late);
    if (running !== controller) return;
    running = undefined;
    if (next.error === undefined) isOtherRequest = false;
    retryAfterMs = (next.error?.retryAfterSeconds ?? 0) * 1000;
    endedAtMs = isAskedAgain && next.error === undefined ? undefined : Date.now();
    state.value = next;
    schedule();
  }

  function schedule(): void {
    clearTimeout(timer);
    const interval = intervalMs();
    if (running !== undefined || visibility.isHidden()) return;
    if (endedAtMs === undefined) return void run();
    if (interval === null) return;
    timer = setTimeout(
      () => void run(),
      Math.max(0, endedAtMs + Math.max(interval, retryAfterMs) - Date.now()),
    );
  }

  const unsubscribe = visibility.onChange(schedule);
  schedule();
  return {
    state,
    refresh: () => {
      isAskedAgain = running !== undefined && !isOverdue;
      if (isAskedAgain) return;
      running?.abort();
      void run();
    },
    restart: () => {
      isOtherRequest = true;
      running?.abort();
      state.value = { ...state.value, isPending: true };
      void run();
    },
    reschedule: schedule,
    stop: () => {
      unsubscribe();
      clearTimeout(timer);
      running?.abort();
      running = undefined;
    },
  };
}

/** Sends one request and returns the state after it. `before` returns what stays known if it fails. */
async function send<T>(
  { load, isEmpty }: PollerOptions<T>,
  signal: AbortSignal,
  before: () => LiveData<T>,
): Promise<LiveData<T>> {
  try {
    const data = await load(signal);
    const status = isEmpty?.(data) ? 'empty' : 'ok';
    return { status, data, error: undefined, updatedAt: Date.now() / 1000, isBusy: false, isPending: false };
  } catch (error) {
    return failed(before(), error);
  }
}

/** The state while a request is late: its data may be out of date. A reason that is known already stays. */
function overdue<T>(before: LiveData<T>): LiveData<T> {
  if (before.error !== undefined) return before;
  return { ...failed(before, new ApiError(`No response for ${LATE_MS / 1000} s.`, 0, 'late')), isBusy: true };
}

function failed<T>(before: LiveData<T>, error: unknown): LiveData<T> {
  const shown = error instanceof ApiError ? error : new ApiError(String(error), 0, 'internal');
  return {
    ...before,
    status: before.data === undefined ? 'error' : 'stale',
    error: shown,
    isBusy: false,
    isPending: false,
  };
}
