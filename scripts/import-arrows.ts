import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * `npx node scripts/import-arrows.ts` prints which room of src imports which, and how often, from the top floor down.
 * It exits with 1 when an import breaks a rule below. A unit test runs it too.
 */

/**
 * The rooms, from the ground up. A file is in the room with the longest path that fits. An import may only go to a
 * lower floor, so that there can be no circle. Rooms of one floor do not import each other.
 */
const FLOORS: readonly (readonly string[])[] = [
  ['src/shared'],
  ['src/shared/service', 'src/shared/schedules'],
  ['src/shared/queue'],
  ['src/infrastructure/metrics/series'],
  ['src/infrastructure/metrics/instruments'],
  ['src/infrastructure/metrics/exposition'],
  ['src/infrastructure/metrics'],
  ['src/infrastructure/metrics/http', 'src/infrastructure/metrics/testing'],
  ['src/infrastructure/metrics/library.ts', 'src/infrastructure/metrics/metrics-lint.ts'],
  ['src/infrastructure/telemetry', 'src/infrastructure/victoria-metrics'],
  ['src/infrastructure/metrics/index.ts'],
  ['src/orchestrator/events'],
  ['src/orchestrator/query', 'src/orchestrator/tasks', 'src/workers/handler.ts'],
  ['src/orchestrator/schedules', 'src/workers/attempts'],
  ['src/workers/limits', 'src/workers/recovery', 'src/workers/webhooks'],
  ['src/orchestrator', 'src/workers', 'src/local-stack', 'src/handlers', 'src/client'],
  ['src/cli'],
  ['dashboard/src'],
];

/**
 * What the files below a folder may import, beside each other and packages. The longest folder that fits counts.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/shared': [],
  'src/infrastructure/metrics': [],
  'src/infrastructure/metrics/index.ts': ['src/infrastructure'],
  'src/infrastructure/telemetry': ['src/infrastructure/metrics', 'src/shared'],
  'src/infrastructure/victoria-metrics': ['src/infrastructure/metrics', 'src/shared'],
  'src/orchestrator': ['src/infrastructure', 'src/shared'],
  'src/workers': ['src/infrastructure', 'src/shared'],
  'src/local-stack': ['src/infrastructure', 'src/shared'],
  'src/handlers': ['src/shared', 'src/workers/handler.ts'],
  'src/client': ['src/shared'],
  'src/cli': ['src/infrastructure', 'src/shared', 'src/client'],
  'dashboard/src': ['src/shared/http-contract'],
};

/** Texts of source files by their paths from the repository's root. */
export type Sources = Readonly<Record<string, string>>;

interface Import {
  readonly from: string;
  readonly to: string;
}

const ROOMS = FLOORS.flat();
const STATEMENT = /^(?:import|export)\b(?:[^'";]*\bfrom)?\s*'(\.[^']+)'/gm;
const CALL = /\bimport\(\s*'(\.[^']+)'/g;

/** All imports of a file by another, types included. */
function findImports(sources: Sources): Import[] {
  return Object.entries(sources).flatMap(([from, text]) =>
    [STATEMENT, CALL].flatMap((pattern) =>
      Array.from(text.matchAll(pattern), ([, path = '']) => ({
        from,
        to: normalize(join(dirname(from), path)),
      })),
    ),
  );
}

const isWithin = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

function longestOf(folders: readonly string[], path: string): string | undefined {
  const found = folders.filter((folder) => isWithin(path, folder));
  return found.toSorted((a, b) => b.length - a.length)[0];
}

const roomOf = (path: string) => longestOf(ROOMS, path);
const floorOf = (room: string) => FLOORS.findIndex((rooms) => rooms.includes(room));

/** What is wrong with an import, undefined when it keeps to the rules. */
function problemOf({ from, to }: Import): string | undefined {
  const [room, target] = [roomOf(from), roomOf(to)];
  if (room === undefined) return `expected a room of scripts/import-arrows.ts for ${from}; got none`;
  const table = longestOf(Object.keys(MAY_IMPORT), from) ?? '';
  const allowed = [table, ...(MAY_IMPORT[table] ?? [])];
  if (!allowed.some((folder) => isWithin(to, folder) || isPartOfContract(to, folder))) {
    return `${from} imports ${to}; expected only ${allowed.join(', ')} and packages`;
  }
  if (target !== undefined && room !== target && floorOf(target) >= floorOf(room)) {
    return `${from} imports ${to}: ${target} is not below ${room}`;
  }
  return undefined;
}

/** `src/shared/http-contract` stands for http-contract.ts and for the files of http-contract/. */
function isPartOfContract(path: string, prefix: string): boolean {
  return prefix.endsWith('http-contract') && path.startsWith(prefix);
}

/** Every import that breaks a rule, and why. */
export function findViolations(sources: Sources): string[] {
  return findImports(sources).flatMap((found) => problemOf(found) ?? []);
}

/** One line for each pair of rooms of which one imports the other: how often, who, whom; the top floor first. */
export function listArrows(sources: Sources): string[] {
  const counts = new Map<string, number>();
  for (const { from, to } of findImports(sources)) {
    const [room, target] = [roomOf(from) ?? from, roomOf(to) ?? to];
    if (room !== target) counts.set(`${room} ${target}`, (counts.get(`${room} ${target}`) ?? 0) + 1);
  }
  const arrows = Array.from(counts, ([rooms, count]) => ({ count, rooms: rooms.split(' ') }));
  const place = (room = '') => ROOMS.indexOf(room);
  arrows.sort(({ rooms: [a, b] }, { rooms: [c, d] }) => place(c) - place(a) || place(d) - place(b));
  return arrows.map(({ count, rooms }) => `${String(count).padStart(3)}  ${rooms.join(' → ')}`);
}

/** The sources of this repository. */
export function readSources(): Sources {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const paths = globSync(['src/**/*.ts', 'dashboard/src/**/*.{ts,tsx}'], { cwd: root }).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

if (import.meta.main) {
  const sources = readSources();
  const violations = findViolations(sources);
  process.stdout.write(`${listArrows(sources).join('\n')}\n`);
  process.stderr.write(violations.map((line) => `${line}\n`).join(''));
  process.exitCode = violations.length === 0 ? 0 : 1;
}
