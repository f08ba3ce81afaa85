import type { LocalStackConfig } from '../shared/config.ts';
import { withoutCredentials } from '../shared/config.ts';
import type { DataFolder } from './data-folder.ts';
import type { Addresses } from './parts.ts';
import { shownSeconds } from './terminal.ts';
import { webPage } from './victoria-metrics.ts';

/** What the newcomer may open, when all is up. */
export async function summary(
  { orchestrator, workers, victoriaMetrics }: Addresses,
  folder: DataFolder,
  config: LocalStackConfig,
  { demo, startedAt }: { demo: boolean; startedAt: number },
): Promise<string> {
  const given = config.VICTORIAMETRICS_URL !== undefined;
  const rows = [
    ['dashboard', `${orchestrator}/`],
    ['API', `${orchestrator}/docs`],
    ['metrics', `${orchestrator}/metrics  ${workers}/metrics`],
    ['VictoriaMetrics', given ? withoutCredentials(victoriaMetrics) : await webPage(victoriaMetrics)],
    ['logs', `${folder.shown(folder.logs)}/`],
  ];
  if (demo) rows.push(['demo traffic', 'is on: event types demo.*, User-Agent asdlc-demo']);
  const lines = rows.map(([name, value]) => `  ${name?.padEnd(17)}${value}`);
  if (given) {
    lines.push(
      '  (VICTORIAMETRICS_URL must scrape both services: src/infrastructure/metrics/SCRAPE_CONFIG.md)',
    );
  }
  return `\nasdlc is up in ${shownSeconds(performance.now() - startedAt)}\n\n${lines.join('\n')}\n\nCtrl-C stops everything.\n`;
}
