import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Service } from './answers.ts';
import { getData } from './client.ts';
import { NOTHING, type Polled } from './poller.ts';
import { usePolled } from './use-polled.ts';

/** The services that the TSDB knows: for the service selector of all pages, and for the overview. */
export const services = signal<Polled<readonly Service[]>>(NOTHING);

const load = (signal: AbortSignal) => getData<readonly Service[]>('/api/metrics/services', { signal });
const isEmpty = (data: readonly Service[]) => data.length === 0;

/** Keeps `services` up to date while the caller is mounted: once, in the app. */
export function useServices(): void {
  const { polled } = usePolled({ load, isEmpty, key: '' });
  useEffect(() => {
    services.value = polled;
  }, [polled]);
}
