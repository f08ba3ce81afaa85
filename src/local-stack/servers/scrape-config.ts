import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from '../processes/data-folder.ts';

/** Shorter than in production, so that the charts move soon. */
export const SCRAPE_INTERVAL_SECONDS = 5;

export interface ScrapeTargets {
  /** host:port */
  readonly orchestrator: string;
  readonly workers: string;
  readonly metricsToken: string | undefined;
}

/**
 * Writes the scrape configuration and returns its path. The token goes to a file of its own: VictoriaMetrics shows its
 * configuration to everyone who asks for it.
 */
export function writeScrapeConfig(folder: DataFolder, targets: ScrapeTargets): string {
  const tokenPath = join(folder.path, 'metrics-token');
  rmSync(tokenPath, { force: true });
  if (targets.metricsToken !== undefined) writeFileSync(tokenPath, targets.metricsToken, { mode: 0o600 });
  const path = join(folder.path, 'scrape.yml');
  writeFileSync(path, scrapeConfig(targets, targets.metricsToken === undefined ? undefined : tokenPath));
  return path;
}

/** Returns the YAML for -promscrape.config. It quotes strings as JSON does; YAML reads them the same way. */
export function scrapeConfig(
  { orchestrator, workers }: Pick<ScrapeTargets, 'orchestrator' | 'workers'>,
  tokenPath: string | undefined,
): string {
  const job = (name: string, target: string) => `  - job_name: ${name}
    static_configs:
      - targets: [${JSON.stringify(target)}]
${tokenPath === undefined ? '' : `    authorization:\n      credentials_file: ${JSON.stringify(tokenPath)}\n`}`;
  return `# Each \`npm start\` writes this file anew: it does not keep your changes.
global:
  scrape_interval: ${SCRAPE_INTERVAL_SECONDS}s
  scrape_timeout: 4s
scrape_configs:
${job('asdlc-orchestrator', orchestrator)}${job('asdlc-workers', workers)}`;
}
