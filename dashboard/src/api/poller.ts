import { type ReadonlySignal, signal } from '@preact/signals';
import { ApiError } from './api-error.ts';

/*
 * Asks again and again, and says honestly what is known:
 *
 *   loading   nothing has come yet
 *   ok        the last answer
 *   empty     the last answer, with nothing in it
 *   error     the request failed, and there is nothing to show
 *   stale     the request failed, or has not been answered for 10 s: `data` are those of `updatedAt`
 *
 * Requests never overlap: the next is due an interval after the last one ended. None is sent while the tab is hidden.
 */
export interface Polled<T> {
  readonly status: 'loading' | 'ok' | 'empty' | 'error' | 'stale';
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  /** Unix seconds of the last good answer. */
  readonly updatedAt: number | undefined;
  /** Whether a request is under way. */
  readonly isBusy: boolean;
}

export interface PollerOptions<T> {
  readonly load: (signal: AbortSignal) => Promise<T>;
  readonly isEmpty?: (data: T) => boolean;
  /** Milliseconds between requests; null: only when told. Read before each wait. */
  readonly intervalMs: () => number | null;
  /** Of the tab: documentVisibility in the page. */
  readonly visibility: Visibility;
}

export interface Visibility {
  readonly isHidden: () => boolean;
  /** Calls back at every change; returns how to stop. */
  readonly onChange: (changed: () => void) => () => void;
}

export interface Poller<T> {
  readonly state: ReadonlySignal<Polled<T>>;
  /** Asks now; a request under way is joined. */
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

const NOTHING: Polled<never> = {
  status: 'loading',
  data: undefined,
  error: undefined,
  updatedAt: undefined,
  isBusy: false,
};

const LATE_MS = 10_000;

/** Starts at once. */
export function createPoller<T>(options: PollerOptions<T>): Poller<T> {
  const { intervalMs, visibility } = options;
  const state = signal<Polled<T>>(NOTHING);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;
  let endedAtMs: number | undefined;
  let retryAfterMs = 0;
  let isOtherQuestion = false;

  async function run(): Promise<void> {
    clearTimeout(timer);
    const controller = new AbortController();
    running = controller;
    state.value = { ...state.value, isBusy: true };
    const late = setTimeout(() => {
      if (running === controller) state.value = overdue(state.value);
    }, LATE_MS);
    const next = await ask(options, controller.signal, () => (isOtherQuestion ? NOTHING : state.value));
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
      if (running === undefined) void run();
    },
    restart: () => {
      isOtherQuestion = true;
      running?.abort();
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
  before: () => Polled<T>,
): Promise<Polled<T>> {
  try {
    const data = await load(signal);
    const status = isEmpty?.(data) ? 'empty' : 'ok';
    return { status, data, error: undefined, updatedAt: Date.now() / 1000, isBusy: false };
  } catch (error) {
    return failed(before(), error);
  }
}

/** Data that a slow request was to replace: they are not known to be of now. */
function overdue<T>(state: Polled<T>): Polled<T> {
  if (state.data === undefined || state.status === 'stale') return state;
  const error = new ApiError(`No answer for ${LATE_MS / 1000} s.`, 0, 'late');
  return { ...state, status: 'stale', error };
}

function failed<T>(before: Polled<T>, error: unknown): Polled<T> {
  const shown = error instanceof ApiError ? error : new ApiError(String(error), 0, 'internal');
  return { ...before, status: before.data === undefined ? 'error' : 'stale', error: shown, isBusy: false };
}
