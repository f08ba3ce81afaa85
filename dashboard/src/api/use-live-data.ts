import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { view } from '../view/view.ts';
import { access } from './access.ts';
import { forgetAccess } from './client.ts';
import { documentVisibility } from './document-visibility.ts';
import { createPoller, type LiveData, LOADING, type Poller, type PollerOptions } from './poller.ts';
import { forgetDecline } from './token.ts';
import { type Concerns, useNews } from './use-news.ts';

/** How often the operator asked for a refresh of everything. */
export const refreshRequests = signal(0);

/** A token that may not do everything may have got more scopes since: that is asked again. */
export function refreshAll(): void {
  forgetDecline();
  if (access.value !== undefined && access.value.scopes.length < 4) forgetAccess();
  refreshRequests.value += 1;
}

export interface UseLiveDataOptions<T> {
  readonly load: (signal: AbortSignal) => Promise<T>;
  /** Identifies the request. When it changes, the old request is aborted and the new one is sent at once. */
  readonly key: string;
  readonly isEmpty?: (data: T) => boolean;
  /** Seconds between requests; 0 is off. Default: the view's auto-refresh. */
  readonly refreshSeconds?: number;
  /** Only every so many refreshes send the request: an open tab sends at most 20 requests a minute. */
  readonly every?: number;
  /** The events after which another request is sent. While events come, others are sent every 10 s only. */
  readonly concerns?: Concerns | undefined;
  /**
   * While true, as behind a dialog, neither the clock nor events send a request. The stream of events stays open: at the
   * end of the rest a request follows if one is due.
   */
  readonly isResting?: boolean;
  /** What another component already knows from the same request. */
  readonly initial?: LiveData<T> | undefined;
}

/** How often the parts of a page send requests. */
export type Pace = Required<Pick<UseLiveDataOptions<unknown>, 'refreshSeconds' | 'isResting'>>;

/** Polls while the component is mounted; poller.ts explains the states. */
export function useLiveData<T>({
  load,
  key,
  isEmpty,
  refreshSeconds = view.value.refreshSeconds,
  every = 1,
  concerns,
  isResting = false,
  initial,
}: UseLiveDataOptions<T>): {
  readonly live: LiveData<T>;
  /** Sends a request now, because the operator wants it. */
  readonly refresh: () => void;
} {
  const poller = useRef<Poller<T> | null>(null);
  const seconds = useNews({
    concerns,
    seconds: refreshSeconds * every,
    isResting,
    refresh: () => poller.current?.refresh(),
  });
  const requests = refreshRequests.value;
  const latest = useRef({ load, isEmpty, seconds });
  latest.current = { load, isEmpty, seconds };
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

/** The poller outlives renders: it calls the functions that the last render got. */
function throughLatest<T>(latest: { readonly current: Latest<T> }): PollerOptions<T> {
  return {
    load: (signal) => latest.current.load(signal),
    isEmpty: (data) => latest.current.isEmpty?.(data) ?? false,
    visibility: documentVisibility,
    intervalMs: () => (latest.current.seconds > 0 ? latest.current.seconds * 1000 : null),
  };
}
