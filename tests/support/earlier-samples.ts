/** One series of VictoriaMetrics's export: a JSON line. */
interface ExportedSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  /** Milliseconds. */
  readonly timestamps: readonly number[];
}

/**
 * Gives a VictoriaMetrics a past: it stores what it has scraped a second time, `seconds` earlier, with the values that
 * `change` makes of them.
 */
export async function copyToEarlier(
  tsdbUrl: string,
  seconds: number,
  change: (name: string, value: number) => number = (_, value) => value,
): Promise<void> {
  const search = new URLSearchParams({ 'match[]': '{__name__!=""}' });
  const exported = await (await fetch(`${tsdbUrl}/api/v1/export?${search}`)).text();
  const lines = exported.split('\n').filter((line) => line !== '');
  const moved = lines.map((line) => {
    const { metric, values, timestamps } = JSON.parse(line) as ExportedSeries;
    return JSON.stringify({
      metric,
      values: values.map((value) => change(metric.__name__ ?? '', value)),
      timestamps: timestamps.map((time) => time - seconds * 1000),
    });
  });
  const { status } = await fetch(`${tsdbUrl}/api/v1/import`, { method: 'POST', body: moved.join('\n') });
  if (status !== 204) throw new Error(`expected 204 for imported samples; got ${status}`);
  await fetch(`${tsdbUrl}/internal/force_flush`);
}
