import type { VectorSample } from '../../infrastructure/victoria-metrics/client.ts';

/**
 * When each version of each instance was last seen in the past hour (as Unix seconds), and what is up now. The
 * subquery looks at full minutes only, so what has just come is asked for beside it.
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

/** Services by name from the answers to SERVICES_QUERIES; an instance shows the version it had last. */
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
