import {
  isOlder,
  readTsdbVersion,
  SUPPORTED_TSDBS,
} from '../../infrastructure/victoria-metrics/tsdb-version.ts';
import { basicAuthorization } from '../../shared/basic-authorization.ts';
import { withoutCredentials } from '../../shared/config.ts';
import { clockFinding, type Finding, ok, problem, warning } from './finding.ts';

const LIMIT_MS = 5_000;
/** By default VictoriaMetrics shows no sample that is younger. */
const LATENCY_OFFSET_SECONDS = 30;

export interface TsdbOptions {
  readonly url: string;
  readonly scrapeIntervalSeconds: number;
  /** The names under which the services expose themselves. */
  readonly services: readonly string[];
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** Checks whether the TSDB answers, and whether scrapes of the services arrive in it. */
export async function checkTsdb(options: TsdbOptions): Promise<Finding[]> {
  const { url } = options;
  const shown = withoutCredentials(url);
  try {
    const version = await versionFinding(url, shown);
    return [version, await skewFinding(url), ...(await scrapeFindings(options))];
  } catch (error) {
    const advice =
      'Start VictoriaMetrics or Prometheus, or set VICTORIAMETRICS_URL to one that runs. `asdlc start` brings its own.';
    return [problem('TSDB', `${shown} does not answer: ${reasonOf(error)}`, advice)];
  }
}

async function versionFinding(url: string, shown: string): Promise<Finding> {
  const found = await readTsdbVersion(url, LIMIT_MS);
  if (found === undefined) return ok('TSDB', `${shown} answers; it does not tell its version`);
  const { product, version = 'of unknown version' } = found;
  const text = `${shown} is ${product} ${version}`;
  const oldest = SUPPORTED_TSDBS[product];
  if (found.version === undefined || !isOlder(found.version, oldest)) return ok('TSDB', text);
  return warning('TSDB', text, `Upgrade to ${oldest} or newer: a query may end older ones.`);
}

async function skewFinding(url: string): Promise<Finding> {
  const sentAt = Date.now();
  const [sample] = await query(url, 'vector(time())');
  const waySeconds = (Date.now() - sentAt) / 1000;
  const skewSeconds = Number(sample?.value[1]) - sentAt / 1000 - waySeconds / 2;
  return clockFinding('TSDB: clock', skewSeconds, waySeconds + 1); // it counts in whole seconds
}

async function scrapeFindings({ url, scrapeIntervalSeconds, services }: TsdbOptions): Promise<Finding[]> {
  const samples = await query(url, 'max by (service) (time() - timestamp(asdlc_service_info))');
  const limitSeconds = LATENCY_OFFSET_SECONDS + 3 * scrapeIntervalSeconds;
  return services.map((service) => {
    const check = `Scrapes of ${service}`;
    const sample = samples.find(({ metric }) => metric.service === service);
    if (sample === undefined) {
      const advice = 'Start the service, and let the TSDB scrape its /metrics: see SCRAPE_CONFIG.md.';
      return problem(check, 'none within the last 5 min', advice);
    }
    const ageSeconds = Number(sample.value[1]);
    const found = `the newest sample is ${ageSeconds.toFixed(0)} s old`;
    if (ageSeconds <= limitSeconds) return ok(check, found);
    const advice = `Expected at most ${limitSeconds} s. Look at the targets page of the TSDB; or SCRAPE_INTERVAL is wrong.`;
    return warning(check, found, advice);
  });
}

async function query(url: string, promql: string): Promise<readonly Sample[]> {
  const address = new URL(`${url.replace(/\/+$/, '')}/api/v1/query`);
  const headers = basicAuthorization(address);
  address.username = '';
  address.password = '';
  address.searchParams.set('query', promql);
  const response = await fetch(address, {
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`a query got status ${response.status}`);
  const { data } = JSON.parse(text) as { data: { result: readonly Sample[] } }; // as Prometheus's API has it
  return data.result;
}

/** `fetch failed` has its reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, code } = (error.cause ?? error) as NodeJS.ErrnoException; // errors of the system have a code
  return message === '' ? String(code) : message;
}
