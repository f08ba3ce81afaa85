import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describeNoise, measureNoise, whyTooNoisy } from './noise.ts';

/*
 * `npm run bench` runs all benchmarks and writes docs/benchmarks.md. `npm run bench -- NAME …` runs some of them
 * and replaces their sections. Each benchmark is a process of its own and prints Markdown. On a busy machine nothing is
 * written: the figures go to standard output, and the exit code is 1.
 */

const BENCHMARKS: Readonly<Record<string, string>> = {
  instruments: 'Counting',
  rendering: 'Rendering a scrape',
  'event-loop': 'Holding the event loop',
  memory: 'Memory',
  http: 'The HTTP middleware',
  pool: 'The worker pool',
  'deep-queue': 'A deep queue',
  growth: 'Growth',
  'query-api': 'The query API',
  system: 'The whole system',
  'service-memory': 'Memory of the services',
};

const REPORT = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));

interface Section {
  readonly text: string;
  /** Why it must not be written. */
  readonly problem: string | undefined;
}

async function measure(name: string): Promise<Section> {
  process.stderr.write(`${name} …\n`);
  const before = await measureNoise();
  const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const { status, stdout } = spawnSync(process.execPath, ['--expose-gc', script], {
    encoding: 'utf8',
    stdio: [...stdio],
  });
  if (status !== 0) throw new Error(`expected exit code 0 of bench/${name}.ts; got ${status}`);
  const after = await measureNoise();
  const noise = describeNoise(before, after);
  return {
    text: `## ${BENCHMARKS[name]}\n\n${describeRun(name)}. ${noise}\n\n${stdout.trimEnd()}`,
    problem: whyTooNoisy(before) ?? whyTooNoisy(after),
  };
}

function describeRun(name: string): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`;
  const date = new Date().toISOString().slice(0, 10);
  return `\`npm run bench -- ${name}\`, ${date}, commit ${commit}, Node ${process.version}, ${machine}`;
}

/** Returns the sections of the report by heading, in their order. */
function readSections(): Map<string, string> {
  let text = '';
  try {
    text = readFileSync(REPORT, 'utf8');
  } catch {
    // There is no report before the first run.
  }
  const sections = text.split(/^(?=## )/m).slice(1);
  return new Map(sections.map((section) => [/^## (.*)/.exec(section)?.[1] ?? '', section.trimEnd()]));
}

/** Replaces one section of the report, so that what was measured is kept when a later benchmark fails. */
function writeSection(name: string, text: string): void {
  const sections = readSections().set(BENCHMARKS[name] ?? name, text);
  const ordered = Object.values(BENCHMARKS).flatMap((title) => sections.get(title) ?? []);
  const head = `# Benchmarks

Written by \`npm run bench\`; do not edit. One run measures all candidates of a table, in turns. A cell shows
the median and, in brackets, the quartiles. Ratios compare medians; in brackets are the quartiles over the pairs of one
round.`;
  writeFileSync(REPORT, `${[head, ...ordered].join('\n\n')}\n`);
  const biome = fileURLToPath(new URL('../node_modules/.bin/biome', import.meta.url));
  spawnSync(biome, ['format', '--write', REPORT]);
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHMARKS);
const unknown = wanted.find((name) => BENCHMARKS[name] === undefined);
if (unknown !== undefined) {
  throw new Error(`expected one of ${Object.keys(BENCHMARKS).join(', ')}; got ${unknown}`);
}
for (const name of wanted) {
  const { text, problem } = await measure(name);
  if (problem === undefined) writeSection(name, text);
  else {
    process.stderr.write(`${name}: not written: ${problem}\n`);
    process.stdout.write(`${text}\n`);
    process.exitCode = 1;
  }
}
