import { Type } from 'typebox';
import { REDIS_MODES, REDIS_URL_FORM } from './redis-url.ts';

/*
 * Each environment variable with its type, its default and, in `description`, the values that are allowed. config.ts
 * reads them.
 */

const port = (usual: number) =>
  Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: usual,
    description: 'a port from 1 to 65535, or 0 for any free port',
  });
const seconds = (usual: number) =>
  Type.Number({
    exclusiveMinimum: 0,
    maximum: 604_800,
    default: usual,
    description: 'seconds: a number above 0, at most 604800',
  });
const secondsOrOff = (usual: number, maximum: number) =>
  Type.Number({
    minimum: 0,
    maximum,
    default: usual,
    description: `seconds: a number up to ${maximum}, or 0 to turn it off`,
  });
const upTo = (usual: number, maximum: number) =>
  Type.Number({ minimum: 0, maximum, default: usual, description: `seconds: a number from 0 to ${maximum}` });
const count = (usual: number, maximum: number) =>
  Type.Integer({ minimum: 1, maximum, default: usual, description: `a whole number from 1 to ${maximum}` });
const serverUrl = (servers: string, usual?: string) =>
  Type.String({
    pattern: '^https?://[^?#]+$',
    ...(usual !== undefined && { default: usual }),
    description: `http(s)://host[:port][/path] of ${servers}`,
  });
const token = () =>
  Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]{8,}$',
      description: '8 or more printable ASCII characters without spaces',
    }),
  );

const filePath = () => Type.Optional(Type.String({ minLength: 1, description: 'the path of a PEM file' }));
const handlersModule = () =>
  Type.Optional(Type.String({ minLength: 1, description: 'the path of a module that exports handlers' }));
export const USUAL_REDIS_URL = 'redis://127.0.0.1:6379';

/** `redisProblems` checks what a schema cannot say of them. */
const redisVariables = {
  REDIS_URL: Type.String({ default: USUAL_REDIS_URL, description: REDIS_URL_FORM }),
  REDIS_MODE: Type.Enum([...REDIS_MODES], {
    default: 'single',
    description: `one of ${REDIS_MODES.join(', ')}`,
  }),
  REDIS_SENTINEL_MASTER: Type.Optional(Type.String({ minLength: 1, description: 'a name' })),
  REDIS_SENTINEL_PASSWORD: Type.Optional(Type.String({ minLength: 1, description: 'a password' })),
  REDIS_TLS_CA_FILE: filePath(),
  REDIS_TLS_CERT_FILE: filePath(),
  REDIS_TLS_KEY_FILE: filePath(),
};

const commonVariables = {
  SERVICE_HOST: Type.String({
    default: '127.0.0.1',
    description: 'an IP address or a host name to listen on',
  }),
  ...redisVariables,
  QUEUE_PREFIX: Type.String({
    pattern: '^\\{[A-Za-z0-9_.-]{1,64}\\}$',
    default: '{asdlc}',
    description: 'a prefix in braces, such as {asdlc}: 1 to 64 letters, digits, or _ . -',
  }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'one of fatal, error, warn, info, debug, trace, silent',
  }),
  DRAIN_DELAY: upTo(0, 300),
  METRICS_TOKEN: token(),
  ALLOWED_HOSTS: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9._-]+(, *[A-Za-z0-9._-]+)*$',
      description: 'host names separated by commas, as asdlc.example,asdlc.svc',
    }),
  ),
  SERVICE_REVISION: Type.String({ minLength: 1, default: 'unknown', description: 'a commit or a build' }),
  OTEL_TRACING: Type.Boolean({ default: false, description: 'true or false' }),
};

export const orchestratorSchema = Type.Object({
  ...commonVariables,
  SERVICE_NAME: Type.String({ minLength: 1, default: 'asdlc-orchestrator', description: 'a name' }),
  SERVICE_PORT: port(8080),
  VICTORIAMETRICS_URL: serverUrl('VictoriaMetrics, vmselect or Prometheus', 'http://127.0.0.1:8428'),
  VICTORIAMETRICS_QUERY_TIMEOUT: seconds(30),
  VICTORIAMETRICS_HEALTH_TIMEOUT: seconds(5),
  SCRAPE_INTERVAL: seconds(15),
  ALERTS_URL: Type.Optional(serverUrl('vmalert, Prometheus or Alertmanager')),
  TRACE_URL_TEMPLATE: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s/?#{}]+[/?#]\\S*\\{trace_id\\}\\S*$',
      description: 'http(s)://host[:port]/… with {trace_id}, such as https://jaeger.example/trace/{trace_id}',
    }),
  ),
  QUERY_DIALECT: Type.Enum(['promql', 'metricsql'], {
    default: 'promql',
    description: 'promql (the orchestrator parses queries) or metricsql (only VictoriaMetrics parses them)',
  }),
  QUERY_CONCURRENCY: count(16, 1000),
  QUERY_CACHE_SECONDS: secondsOrOff(10, 300),
  QUERY_RATE_LIMIT: Type.Integer({
    minimum: 0,
    maximum: 1_000_000,
    default: 0,
    description: 'requests a minute from one address: a whole number from 1 to 1000000, or 0 for no limit',
  }),
  QUERY_CORS_ORIGINS: Type.Optional(
    Type.String({
      pattern: '^(\\*|https?://[^/,\\s]+(,https?://[^/,\\s]+)*)$',
      description: 'origins separated by commas, such as https://a.example,https://b.example, or * for all',
    }),
  ),
  TRUSTED_PROXIES: Type.Optional(
    Type.String({ description: 'addresses or networks separated by commas, such as 10.0.0.0/8,127.0.0.1' }),
  ),
  API_TOKEN: token(),
  API_TOKENS_FILE: Type.Optional(
    Type.String({ minLength: 1, description: 'the path of a YAML file with named tokens' }),
  ),
  TASK_MAX_ATTEMPTS: count(3, 100),
  TASK_RETRY_DELAY: seconds(1),
  TASK_ROUTES: Type.Optional(
    Type.String({
      description:
        'event types with their queues, such as gpu.small=tasks,gpu.*=gpu, and further queues by name: at most 10 queues of ' +
        'up to 32 of a-z 0-9 _ -, none of them rate or quarantine, and no entry after one that takes its event types',
    }),
  ),
  UNKNOWN_EVENT_TYPES: Type.Enum(['accept', 'refuse'], {
    default: 'accept',
    description: 'accept or refuse',
  }),
});

export const workersSchema = Type.Object({
  ...commonVariables,
  SERVICE_NAME: Type.String({ minLength: 1, default: 'asdlc-workers', description: 'a name' }),
  SERVICE_PORT: port(8081),
  WORKER_POOL_SIZE: count(10, 1000),
  WORKER_QUEUES: Type.Optional(
    Type.String({
      description:
        'queues with their slots, such as tasks:8,gpu:2: at most 10, each once with 1 to 1000 slots, ' +
        'names as in TASK_ROUTES',
    }),
  ),
  WORKER_HANDLERS: handlersModule(),
  WEBHOOKS_FILE: Type.Optional(
    Type.String({ minLength: 1, description: 'the path of a JSON file with webhooks' }),
  ),
  HANDLER_TIMEOUT: seconds(300),
  UNKNOWN_TYPE_GRACE: seconds(900),
  DRAIN_TIMEOUT: seconds(25),
  COMPLETED_KEEP_SECONDS: seconds(86_400),
  COMPLETED_KEEP_COUNT: count(10_000, 10_000_000),
  DEAD_KEEP_SECONDS: seconds(604_800),
  DEAD_KEEP_COUNT: count(10_000, 10_000_000),
});

/** What the command `asdlc` reads to reach an orchestrator. */
export const cliSchema = Type.Object({
  ASDLC_URL: serverUrl('the orchestrator', 'http://127.0.0.1:8080'),
  ASDLC_TOKEN: token(),
});

export const localStackSchema = Type.Object({
  SERVICE_HOST: commonVariables.SERVICE_HOST,
  ORCHESTRATOR_PORT: port(8080),
  WORKERS_PORT: port(8081),
  ...redisVariables,
  REDIS_URL: Type.Optional(Type.String({ ...redisVariables.REDIS_URL, default: undefined })),
  VICTORIAMETRICS_URL: Type.Optional(
    Type.String({ ...orchestratorSchema.properties.VICTORIAMETRICS_URL, default: undefined }),
  ),
  WORKER_HANDLERS: handlersModule(),
  DRAIN_TIMEOUT: seconds(25),
  API_TOKEN: token(),
  METRICS_TOKEN: token(),
  ASDLC_DATA_DIR: Type.String({ minLength: 1, default: '.asdlc', description: 'a folder for data and logs' }),
  // scripts/bootstrap.sh reads these two, before there is a Node to run this file.
  ASDLC_YES: Type.Optional(Type.Enum(['1'], { description: '1, or unset' })),
  ASDLC_NO_APT: Type.Optional(Type.Enum(['1'], { description: '1, or unset' })),
});
