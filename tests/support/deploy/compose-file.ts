import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { REPOSITORY } from '../processes.ts';

/** The parts of a service of deploy/compose.yml that tests look at, in the forms that the file uses. */
export interface ComposeService {
  readonly image: string;
  readonly user?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly replicas: number };
  readonly healthcheck: { readonly test: readonly string[]; readonly retries: number };
  readonly stop_grace_period: string;
  readonly restart: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
}

export const COMPOSE_FOLDER = join(REPOSITORY, 'deploy');

/** The JSON schema of the Compose specification. */
export const COMPOSE_SCHEMA = join(import.meta.dirname, 'compose-spec.json');

/** Reads deploy/compose.yml as Compose does: with merged keys, and with the variables of the given environment. */
export function readComposeFile(environment: Readonly<Record<string, string>> = {}): ComposeFile {
  const file: unknown = parse(readFileSync(join(COMPOSE_FOLDER, 'compose.yml'), 'utf8'), { merge: true });
  return interpolated(file, environment) as ComposeFile; // the schema test checks its form
}

function interpolated(value: unknown, environment: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return interpolatedText(value, environment);
  if (Array.isArray(value)) return value.map((item) => interpolated(item, environment));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, interpolated(item, environment)]),
  );
}

/** Knows `$$` and `${NAME:-default}`, the two forms that the file uses. */
function interpolatedText(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(?:(\$)|\{([A-Z_]+):-([^}]*)\}|(.?))/g, (found, dollar, name, usual) => {
    if (dollar !== undefined) return '$';
    if (name !== undefined) return environment[name] || usual;
    throw new Error(`expected $$ or \${NAME:-default}; got ${found} in ${text}`);
  });
}

/** Returns the seconds of a duration as `35s`. */
export function secondsOf(duration: string): number {
  const [, seconds] = /^(\d+)s$/.exec(duration) ?? [];
  if (seconds === undefined) throw new Error(`expected seconds, as 35s; got ${duration}`);
  return Number(seconds);
}
