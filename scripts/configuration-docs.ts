import { writeFileSync } from 'node:fs';
import { SECRETS } from '../src/shared/config.ts';
import {
  cliSchema,
  localStackSchema,
  orchestratorSchema,
  workersSchema,
} from '../src/shared/config-variables.ts';

/*
 * Writes docs/configuration.md from the schemas of src/shared/config-variables.ts: `npx node scripts/configuration-docs.ts`.
 * A test fails when the page is stale.
 */

interface Variable {
  readonly default?: string | number | boolean;
  readonly description?: string;
}

interface Schema {
  readonly properties: Readonly<Record<string, object>>;
}

/** Who reads a variable, in the order in which the page names them. */
const READERS: Readonly<Record<string, Schema>> = {
  orchestrator: orchestratorSchema,
  workers: workersSchema,
  'npm start': localStackSchema,
  asdlc: cliSchema,
};

/** By heading: the variables under it, each with what it means. */
const MEANINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Processes: {
    SERVICE_NAME: 'The `service` label on every metric, and the name in the log.',
    SERVICE_REVISION:
      'What was built, as `git rev-parse HEAD` of the image: the label `revision` of `asdlc_build_info`.',
    SERVICE_HOST: 'The address to listen on. `0.0.0.0` listens on all.',
    SERVICE_PORT: 'The HTTP port.',
    LOG_LEVEL: 'The lowest level that is logged.',
    DRAIN_DELAY:
      'How long the port stays open after SIGTERM while `/health/ready` answers 503, so that a balancer stops sending first: see [Stopping](operations.md#stopping).',
    OTEL_TRACING:
      '`true` makes spans through the OpenTelemetry SDK that you set up: see [Traces](handlers.md#traces).',
  },
  'Redis and the queue': {
    REDIS_URL:
      'The Redis server; with `REDIS_MODE` several hosts with commas between. `npm start` starts one of its own when this is unset.',
    REDIS_MODE:
      'What the hosts of `REDIS_URL` are: `single`, the server; `cluster`, nodes of a Redis Cluster; `sentinel`, Sentinels.',
    REDIS_SENTINEL_MASTER: 'The name under which the Sentinels watch the primary.',
    REDIS_SENTINEL_PASSWORD: 'The password of the Sentinels. That of Redis is in `REDIS_URL`.',
    REDIS_TLS_CA_FILE: 'The CA that signed the certificate of Redis. Unset: the CAs that Node trusts.',
    REDIS_TLS_CERT_FILE: 'The certificate that this process shows to Redis.',
    REDIS_TLS_KEY_FILE: 'The key of that certificate.',
    QUEUE_PREFIX: 'The prefix of all keys in Redis. The braces keep the keys in one slot of a Redis Cluster.',
  },
  Tokens: {
    API_TOKEN: 'A bearer token that may do everything under `/api/`.',
    API_TOKENS_FILE:
      'A YAML file with named tokens and what each may do: see [Tokens](security.md#tokens). A change of the file takes effect within seconds. Without this and `API_TOKEN` no token is asked for.',
    METRICS_TOKEN: 'The bearer token for `/metrics` and `/stats`. Unset: no token is asked for.',
    ALLOWED_HOSTS:
      'Names that a request may have in `Host` when no token is asked for, beside IP addresses, `localhost`, names without dots and the name of the machine.',
  },
  Tasks: {
    TASK_MAX_ATTEMPTS: 'Attempts of a task whose request names no `max_attempts`.',
    TASK_RETRY_DELAY: 'The wait before the first retry. It doubles for each further retry, up to 5 min.',
    TASK_ROUTES:
      'Which queue takes a task that names none: the first entry that fits its event type; `*` stands for any rest. Else the queue `tasks`. A name alone is a queue that tasks only reach by name. See [Several queues](scaling.md#several-queues).',
    UNKNOWN_EVENT_TYPES:
      'Whether tasks are accepted, with a warning, whose event type no live worker handles, or refused with 422. While no worker is live, all are accepted.',
  },
  Workers: {
    WORKER_HANDLERS:
      'The module that exports the handlers: see [Handlers](handlers.md). Unset: `handlers.ts`, `.mts`, `.js` or `.mjs` in the current folder, else the example handlers.',
    WEBHOOKS_FILE:
      'A JSON file that says which URLs learn of the ends of tasks: see [Webhooks](webhooks.md). All worker processes need the same. A change of the file takes effect within seconds.',
    WORKER_POOL_SIZE: 'Slots: how many tasks one process runs at once, from the queue `tasks`.',
    WORKER_QUEUES:
      'The queues that the process serves, each with its slots, in place of `WORKER_POOL_SIZE`: see [Several queues](scaling.md#several-queues).',
    HANDLER_TIMEOUT: 'The time limit of an attempt, unless the settings of the event type name another.',
    UNKNOWN_TYPE_GRACE:
      'How long a task waits for a worker that handles its event type, from when a worker first took it. Then it is dead.',
    DRAIN_TIMEOUT: 'How long running tasks may take to end after SIGTERM. Then they go back to the queue.',
    COMPLETED_KEEP_SECONDS: 'How long a completed task is kept.',
    COMPLETED_KEEP_COUNT: 'How many completed tasks are kept at most.',
    DEAD_KEEP_SECONDS: 'How long a dead task is kept.',
    DEAD_KEEP_COUNT: 'How many dead tasks are kept at most.',
  },
  'Metric queries': {
    VICTORIAMETRICS_URL:
      'The TSDB: VictoriaMetrics, the path `/select/<tenant>/prometheus` of vmselect, or Prometheus. `user:password@` is sent as basic authentication. `npm start` starts one of its own when this is unset.',
    VICTORIAMETRICS_QUERY_TIMEOUT: 'The time limit of a query.',
    VICTORIAMETRICS_HEALTH_TIMEOUT: 'The time limit of the health check of the TSDB.',
    SCRAPE_INTERVAL:
      'The time between two scrapes of the TSDB. No step of a panel is shorter, and rate windows span four scrapes.',
    ALERTS_URL:
      'Where the dashboard and `rules` and `alerts` of the query API read alerts. `user:password@` is sent as basic authentication. Unset: there are none.',
    TRACE_URL_TEMPLATE:
      'Where a trace is: the dashboard opens it from a dot on a latency chart. See [Monitoring](monitoring.md#traces-on-the-charts). Unset: the dashboard shows the trace id.',
    QUERY_DIALECT:
      '`promql`: the orchestrator parses each query. `metricsql`: VictoriaMetrics parses it, with its own functions.',
    QUERY_CONCURRENCY: 'Queries at the TSDB at once. Eight times as many may wait, 10 s at most.',
    QUERY_CACHE_SECONDS: 'How long the results of settled range queries are kept.',
    QUERY_RATE_LIMIT: 'Requests a minute from one address, with or without a valid token.',
    QUERY_CORS_ORIGINS: 'Origins whose pages may read the query API.',
    TRUSTED_PROXIES: 'Proxies whose `X-Forwarded-For` names the address for `QUERY_RATE_LIMIT`.',
  },
  'The command asdlc': {
    ASDLC_URL: 'The orchestrator that the command [`asdlc`](cli.md) talks to.',
    ASDLC_TOKEN: 'The token that it sends.',
  },
  'The local stack': {
    ORCHESTRATOR_PORT: 'The port of the orchestrator that `npm start` starts.',
    WORKERS_PORT: 'The port of the workers that `npm start` starts.',
    ASDLC_DATA_DIR: 'Where `npm start` keeps data and logs.',
    ASDLC_YES: '`1`: `npm start` and `npm test` install missing programs with apt and ask nothing.',
    ASDLC_NO_APT: '`1`: they never use apt, and say how to install what is missing.',
  },
};

/** The text of the page. Throws for a variable without a meaning, and for a meaning without a variable. */
export function configurationPage(
  readers: Readonly<Record<string, Schema>> = READERS,
  meanings: typeof MEANINGS = MEANINGS,
): string {
  checkMeanings(readers, meanings);
  const sections = Object.entries(meanings).map(([heading, variables]) => {
    const rows = Object.entries(variables).map(([name, meaning]) => row(name, meaning, readers));
    return `## ${heading}\n\n${table([['variable', 'read by', 'default', 'expected', 'meaning'], ...rows])}`;
  });
  return `# Configuration

\`npx node scripts/configuration-docs.ts\` writes this page from
[config-variables.ts](../src/shared/config-variables.ts); do not edit it.

Each process reads its environment once, at the start. An empty variable counts as unset. A bad value stops the start
with [\`ASDLC_CONFIG_INVALID\`](errors.md) and a line for each bad variable: its name, what was expected and what it got.

A secret may be in a file: \`API_TOKEN_FILE\` names the file of \`API_TOKEN\`. These have such a form:
${SECRETS.map((name) => `\`${name}\``).join(', ')}.

\`npm start\` hands its own environment on to both services.

${sections.join('\n\n')}

## Variables of the example handlers

\`AGENT_URL\`, \`AGENT_TOKEN\`, \`PROGRAM_COMMAND\` and \`WORKSPACE_PATH\` belong to the example handlers, which read them
themselves: see [examples/handlers](../examples/handlers/README.md).
`;
}

function checkMeanings(readers: Readonly<Record<string, Schema>>, meanings: typeof MEANINGS): void {
  const explained = Object.values(meanings).flatMap((variables) => Object.keys(variables));
  const read = new Set(Object.values(readers).flatMap(({ properties }) => Object.keys(properties)));
  for (const name of read)
    if (!explained.includes(name))
      throw new Error(`expected a meaning of ${name} in scripts/configuration-docs.ts`);
  for (const name of explained)
    if (!read.has(name))
      throw new Error(`expected ${name} of scripts/configuration-docs.ts in src/shared/config-variables.ts`);
}

interface Reading {
  readonly reader: string;
  readonly variable: Variable;
}

function row(name: string, meaning: string, readers: Readonly<Record<string, Schema>>): string[] {
  const readings = Object.entries(readers).flatMap(([reader, { properties }]): Reading[] => {
    const variable = properties[name] as Variable | undefined; // JSON Schema, whose type in TypeBox leaves these out
    return variable === undefined ? [] : [{ reader, variable }];
  });
  const expected = readings[0]?.variable.description ?? '';
  return [
    `\`${name}\``,
    readings.map(({ reader }) => reader).join(', '),
    defaults(readings),
    escaped(expected),
    meaning,
  ];
}

/** The default; where it differs between readers, each with its readers. */
function defaults(readings: readonly Reading[]): string {
  const byValue = Map.groupBy(readings, ({ variable }) =>
    variable.default === undefined ? 'unset' : `\`${variable.default}\``,
  );
  if (byValue.size === 1) return [...byValue.keys()].join();
  return [...byValue]
    .map(([value, its]) => `${value} (${its.map(({ reader }) => reader).join(', ')})`)
    .join(', ');
}

function escaped(text: string): string {
  return text.replaceAll('*', '\\*').replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

/** A Markdown table as Biome formats it. */
function table(rows: readonly (readonly string[])[]): string {
  const [header = [], ...body] = rows;
  const widths = header.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

if (import.meta.main) {
  writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationPage());
}
