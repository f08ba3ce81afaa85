import type { LocalStackConfig } from '../shared/config.ts';
import { withoutCredentials } from '../shared/config.ts';
import { packagePath } from '../shared/package.ts';
import { shownSeconds } from './command-line/terminal.ts';
import type { DataFolder } from './processes/data-folder.ts';
import { webPage } from './servers/victoria-metrics.ts';
import type { Addresses } from './start-order.ts';

/** Returns the text that the terminal shows when all is up: the pages to open and where the logs are. */
export async function startSummary(
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
  if (demo) rows.push(['demo traffic', 'on (event types demo.*, User-Agent asdlc-demo)']);
  const lines = rows.map(([name, value]) => `  ${name?.padEnd(17)}${value}`);
  if (given) {
    lines.push(
      '',
      '  The server of VICTORIAMETRICS_URL must scrape both services. How to:',
      `  ${folder.shown(packagePath('src/infrastructure/metrics/SCRAPE_CONFIG.md'))}`,
    );
  }
  return `\nasdlc is up after ${shownSeconds(performance.now() - startedAt)}\n\n${lines.join('\n')}\n\nCtrl-C stops everything.\n`;
}
