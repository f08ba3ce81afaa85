import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { view } from '../view/view.ts';
import { documentVisibility } from './document-visibility.ts';
import { createPoller, type LiveData, LOADING, type Poller, type PollerOptions } from './poller.ts';
import { forgetDecline } from './token.ts';

/** Counts how often the operator asked for all to be loaded again, by hand. */
export const refreshRequests = signal(0);

export function refreshAll(): void {
  forgetDecline();
  refreshRequests.value += 1;
}

export interface UseLiveDataOptions<T> {
  readonly load: (signal: AbortSignal) => Promise<T>;
  /** What is asked for; when it changes, the old request is abandoned and the new one sent at once. */
  readonly key: string;
  readonly isEmpty?: (data: T) => boolean;
  /** Seconds; the view's auto-refresh unless told otherwise. 0 is off. */
  readonly refreshSeconds?: number;
  /** What is known of the same from elsewhere when the component is mounted. */
  readonly initial?: LiveData<T> | undefined;
}

/** Polls while the component is mounted, at the view's pace; see poller.ts for the states. */
export function useLiveData<T>({ load, key, isEmpty, refreshSeconds, initial }: UseLiveDataOptions<T>): {
  readonly live: LiveData<T>;
  /** Asks now, as the operator wants it. */
  readonly refresh: () => void;
} {
  const seconds = refreshSeconds ?? view.value.refreshSeconds;
  const requests = refreshRequests.value;
  const latest = useRef({ load, isEmpty, seconds });
  latest.current = { load, isEmpty, seconds };
  const poller = useRef<Poller<T> | null>(null);
  const [live, setPolled] = useState<LiveData<T>>(initial ?? LOADING);

  useEffect(() => {
    const created = createPoller<T>({ ...throughLatest(latest), ...(initial !== undefined && { initial }) });
    poller.current = created;
    const unsubscribe = created.state.subscribe(setPolled);
    return () => {
      unsubscribe();
      created.stop();
    };
  }, []);
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) isFirst.current = false;
    else poller.current?.restart();
  }, [key]);
  const firstRequests = useRef(requests);
  useEffect(() => {
    if (requests !== firstRequests.current) poller.current?.refresh();
  }, [requests]);
  useEffect(() => poller.current?.reschedule(), [seconds]);
  const refresh = () => {
    forgetDecline();
    poller.current?.refresh();
  };
  return { live, refresh };
}

interface Latest<T> {
  readonly load: PollerOptions<T>['load'];
  readonly isEmpty: ((data: T) => boolean) | undefined;
  readonly seconds: number;
}

/** The poller outlives renders, and calls what the last of them was given. */
function throughLatest<T>(latest: { readonly current: Latest<T> }): PollerOptions<T> {
  return {
    load: (signal) => latest.current.load(signal),
    isEmpty: (data) => latest.current.isEmpty?.(data) ?? false,
    visibility: documentVisibility,
    intervalMs: () => (latest.current.seconds > 0 ? latest.current.seconds * 1000 : null),
  };
}
