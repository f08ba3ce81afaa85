import { MetricsRegistry } from '../../src/infrastructure/metrics/registry.ts';

/** Returns the sample lines of an instrument, `name{labels} value`, without comments. */
export async function samplesOf(instrument: object): Promise<string[]> {
  const registry = new MetricsRegistry();
  registry.registerMetric(instrument);
  const text = await registry.metrics();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

export async function renderText(
  registry: MetricsRegistry,
  ...options: Parameters<MetricsRegistry['render']>
) {
  return (await registry.render(...options)).body.toString();
}
