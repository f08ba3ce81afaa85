import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Service } from '../../../src/shared/http-contract/services.ts';
import { page } from '../navigation/router.ts';
import { getData } from './client.ts';
import { type LiveData, LOADING } from './poller.ts';
import { useLiveData } from './use-live-data.ts';

/** The services that the TSDB knows. The service selector and the overview show them. */
export const services = signal<LiveData<readonly Service[]>>(LOADING);

const load = (signal: AbortSignal) => getData<readonly Service[]>('/api/metrics/services', { signal });
const isEmpty = (data: readonly Service[]) => data.length === 0;

/** Keeps `services` up to date while the caller is mounted. Only the app calls it. */
export function useServices(): void {
  const isShown = page.value === 'overview' || page.value === 'explore';
  const { live } = useLiveData({ load, isEmpty, key: '', ...(!isShown && { refreshSeconds: 0 }) });
  useEffect(() => {
    services.value = live;
  }, [live]);
}
