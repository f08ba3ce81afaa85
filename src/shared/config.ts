import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Static } from 'typebox';
import { createAjv } from './compile-schema.ts';
import {
  cliSchema,
  localStackSchema,
  orchestratorSchema,
  USUAL_REDIS_URL,
  workersSchema,
} from './config-variables.ts';
import { configInvalid } from './errors.ts';
import { parseQueueSlots, parseTaskRoutes } from './queue-names.ts';
import { type RedisSettings, redisProblems } from './redis-server.ts';

/*
 * The only reader of the environment. A bad value ends the start with a line for each bad variable: its name, what was
 * expected and what it got. An empty variable counts as unset.
 */

/** Variables that hold a secret, or may. Each has a form that names a file instead: `API_TOKEN_FILE`. */
export const SECRETS = [
  'API_TOKEN',
  'METRICS_TOKEN',
  'REDIS_URL',
  'REDIS_SENTINEL_PASSWORD',
  'VICTORIAMETRICS_URL',
  'ALERTS_URL',
  'ASDLC_TOKEN',
] as const;

export type OrchestratorConfig = Static<typeof orchestratorSchema>;
export type WorkersConfig = Static<typeof workersSchema>;
export type CliConfig = Static<typeof cliSchema>;
export type LocalStackConfig = Static<typeof localStackSchema>;
export type Environment = Record<string, string | undefined>;

/** Throws ASDLC_CONFIG_INVALID, naming every bad variable. */
export function loadOrchestratorConfig(environment: Environment = process.env): OrchestratorConfig {
  return load<OrchestratorConfig>(orchestratorSchema, environment);
}

/** Throws ASDLC_CONFIG_INVALID, naming every bad variable. */
export function loadWorkersConfig(environment: Environment = process.env): WorkersConfig {
  return load<WorkersConfig>(workersSchema, environment);
}

/** Throws ASDLC_CONFIG_INVALID, naming every bad variable. */
export function loadLocalStackConfig(environment: Environment = process.env): LocalStackConfig {
  const config = load<LocalStackConfig>(localStackSchema, environment);
  const { ORCHESTRATOR_PORT, WORKERS_PORT } = config;
  if (ORCHESTRATOR_PORT === WORKERS_PORT && WORKERS_PORT !== 0) {
    const problem = `expected two different ports; got ${WORKERS_PORT} for both`;
    throw configInvalid([`ORCHESTRATOR_PORT, WORKERS_PORT: ${problem}`]);
  }
  return config;
}

/** Throws ASDLC_CONFIG_INVALID, naming every bad variable. */
export function loadCliConfig(environment: Environment = process.env): CliConfig {
  return load<CliConfig>(cliSchema, environment);
}

/** Returns the names of the variables that any process reads, and of those that are set to a value. */
export function variableNames(environment: Environment = process.env): { known: Set<string>; set: string[] } {
  const schemas = [orchestratorSchema, workersSchema, localStackSchema, cliSchema];
  const names = schemas.flatMap(({ properties }) => Object.keys(properties));
  const known = new Set([...names, ...SECRETS.map((name) => `${name}_FILE`)]);
  return { known, set: Object.keys(environment).filter((name) => environment[name] !== '') };
}

/** Whether npm took an option for itself: `npm start --demo`, without the `--`, sets npm_config_demo. */
export function isNpmOption(name: string, environment: Environment = process.env): boolean {
  return environment[`npm_config_${name}`] === 'true';
}

/** Returns the environment for a child process: that of this process, with `overrides`, which also replace files. */
export function childEnvironment(overrides: Environment): Environment {
  const files = Object.keys(overrides).map((name) => [`${name}_FILE`, undefined]);
  return { ...process.env, ...Object.fromEntries(files), ...overrides };
}

/** Returns a URL without user, password and query, for logs and the terminal. */
export function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  return `${parsed.protocol}//${parsed.host}${parsed.pathname === '/' ? '' : parsed.pathname}`;
}

function load<C>(schema: { properties: Record<string, object> }, environment: Environment): C {
  const data = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  for (const name of SECRETS) {
    if (name in schema.properties) data[name] = readSecret(name, data);
  }
  const bad = Object.keys(schema.properties).filter((name) => !isWellFormed(name, data[name]));
  if (bad.length > 0)
    throw configInvalid(bad.map((name) => describe(name, schema.properties[name], data[name])));
  const config: Record<string, unknown> = Object.fromEntries(
    Object.keys(schema.properties).flatMap((name) => (data[name] === undefined ? [] : [[name, data[name]]])),
  );
  const fits = createAjv({ allErrors: true, coerceTypes: true, useDefaults: true }).compile<C>(schema);
  if (!fits(config)) {
    const names = new Set(fits.errors?.map(({ instancePath }) => instancePath.slice(1)));
    throw configInvalid([...names].map((name) => describe(name, schema.properties[name], data[name])));
  }
  const settings = config as Partial<RedisSettings>; // every schema has these
  const redisUrl = settings.REDIS_URL ?? USUAL_REDIS_URL;
  const problems = redisProblems({ REDIS_MODE: 'single', ...settings, REDIS_URL: redisUrl });
  if (problems.length > 0) throw configInvalid(problems);
  return config;
}

/** The value of a variable, or the content of the file that its `_FILE` form names, without white space around it. */
function readSecret(name: string, data: Environment): string | undefined {
  const path = data[`${name}_FILE`];
  if (path === undefined) return data[name];
  if (data[name] !== undefined) {
    throw configInvalid([`${name}: expected ${name} or ${name}_FILE; got both`]);
  }
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw configInvalid([`${name}_FILE: expected the path of a file that can be read; got ${code}`]);
  }
}

const URLS = new Set(['VICTORIAMETRICS_URL', 'ALERTS_URL', 'TRACE_URL_TEMPLATE', 'ASDLC_URL']);

/** Checks what the schemas cannot express. */
function isWellFormed(name: string, value: string | undefined): boolean {
  if (value === undefined) return true;
  if (URLS.has(name)) return URL.canParse(value);
  if (name === 'WORKER_QUEUES') return parseQueueSlots(value) !== undefined;
  if (name === 'TASK_ROUTES') return parseTaskRoutes(value) !== undefined;
  return name !== 'TRUSTED_PROXIES' || value.split(',').every(isNetwork);
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  const isBits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
  return version !== 0 && isBits && more.length === 0;
}

function describe(
  name: string,
  schema: { description?: string } | undefined,
  got: string | undefined,
): string {
  const shown = /TOKEN|URL$|PASSWORD/.test(name)
    ? 'another value (not shown: it may be secret)'
    : JSON.stringify(got);
  return `${name}: expected ${schema?.description ?? 'another value'}; got ${shown}`;
}
