import { type ReadonlySignal, signal } from '@preact/signals';
import { ApiError } from './api-error.ts';

/*
 * Asks again and again, and says honestly what is known:
 *
 *   loading   nothing has come yet
 *   ok        the last answer
 *   empty     the last answer, with nothing in it
 *   error     the request failed, or has not been answered for 10 s, and there is nothing to show
 *   stale     the same, but `data` are there: those of `updatedAt`
 *
 * Requests never overlap: the next is due an interval after the last one ended. None is sent while the tab is hidden.
 */
export interface LiveData<T> {
  readonly status: 'loading' | 'ok' | 'empty' | 'error' | 'stale';
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  /** Unix seconds of the last good answer. */
  readonly updatedAt: number | undefined;
  /** Whether a request is under way. */
  readonly isBusy: boolean;
  /** Whether something else is asked by now, of which nothing is known yet: all above answers what was asked before. */
  readonly isPending: boolean;
}

export interface PollerOptions<T> {
  readonly load: (signal: AbortSignal) => Promise<T>;
  readonly isEmpty?: (data: T) => boolean;
  /** Milliseconds between requests; null: only when told. Read before each wait. */
  readonly intervalMs: () => number | null;
  /** Of the tab: documentVisibility in the page. */
  readonly visibility: Visibility;
  /** What another poller knows of the same question: shown until the first answer comes. */
  readonly initial?: LiveData<T>;
}

export interface Visibility {
  readonly isHidden: () => boolean;
  /** Calls back at every change; returns how to stop. */
  readonly onChange: (changed: () => void) => () => void;
}

export interface Poller<T> {
  readonly state: ReadonlySignal<LiveData<T>>;
  /** Asks now; a request under way is joined, but for one that is overdue, which is abandoned. */
  readonly refresh: () => void;
  /**
   * Asks something else now, as `load` has changed; a request under way is abandoned. Until the answer comes the old
   * data stay; if none comes they go, as they do not answer this.
   */
  readonly restart: () => void;
  /** Call when the interval has changed. */
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
  let isOtherQuestion = options.initial?.isPending ?? false;
  let isOverdue = false;

  async function run(): Promise<void> {
    clearTimeout(timer);
    const controller = new AbortController();
    running = controller;
    state.value = { ...state.value, isBusy: true };
    isOverdue = false;
    const late = setTimeout(() => {
      if (running !== controller) return;
      isOverdue = true;
      state.value = overdue(isOtherQuestion ? LOADING : state.value);
    }, LATE_MS);
    const next = await ask(options, controller.signal, () => (isOtherQuestion ? LOADING : state.value));
    clearTimeout(late);
    if (running !== controller) return;
    running = undefined;
    if (next.error === undefined) isOtherQuestion = false;
    retryAfterMs = (next.error?.retryAfterSeconds ?? 0) * 1000;
    endedAtMs = Date.now();
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
      if (running !== undefined && !isOverdue) return;
      running?.abort();
      void run();
    },
    restart: () => {
      isOtherQuestion = true;
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

/** The state after a request; `before` is what stays known if it fails. */
async function ask<T>(
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

/** Data that a slow request was to replace are not known to be of now. A reason that is known already is better. */
function overdue<T>(before: LiveData<T>): LiveData<T> {
  if (before.error !== undefined) return before;
  return { ...failed(before, new ApiError(`No answer for ${LATE_MS / 1000} s.`, 0, 'late')), isBusy: true };
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
