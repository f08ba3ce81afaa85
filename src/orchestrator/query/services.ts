import type { VectorSample } from '../../infrastructure/victoria-metrics/query-result.ts';

/**
 * The first query returns when each version of each instance was last seen in the past hour, in Unix seconds. Its
 * subquery sees full minutes only, so the part after `or` adds instances that are newer. The second returns what is up.
 */
export const SERVICES_QUERIES = [
  'max_over_time(timestamp(asdlc_service_info)[1h:1m]) or timestamp(asdlc_service_info)',
  'up',
] as const;

export interface ServiceState {
  readonly name: string;
  readonly up: boolean;
  readonly instances: { instance: string; job: string; version: string; up: boolean }[];
}

/** Makes a list of services from the results of SERVICES_QUERIES. An instance shows the version it had last. */
export function servicesFrom(infos: readonly VectorSample[], ups: readonly VectorSample[]): ServiceState[] {
  const target = ({ metric }: VectorSample) => JSON.stringify([metric.job ?? '', metric.instance ?? '']);
  const upTargets = new Set(ups.filter((sample) => sample.value[1] === '1').map(target));
  const latest = new Map<string, VectorSample>();
  for (const info of infos.toSorted((a, b) => Number(a.value[1]) - Number(b.value[1]))) {
    latest.set(`${target(info)} ${info.metric.service}`, info);
  }
  const byName = Map.groupBy(latest.values(), ({ metric }) => metric.service ?? '');
  return [...byName]
    .map(([name, samples]) => {
      const instances = samples.map((sample) => ({
        instance: sample.metric.instance ?? '',
        job: sample.metric.job ?? '',
        version: sample.metric.version ?? '',
        up: upTargets.has(target(sample)),
      }));
      instances.sort((a, b) => (a.instance < b.instance ? -1 : 1));
      return { name, up: instances.some(({ up }) => up), instances };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
