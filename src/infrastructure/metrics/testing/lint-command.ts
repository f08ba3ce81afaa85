import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type ExpositionFormat, type Finding, messageOf } from './exposition.ts';
import { type LintOptions, lintExposition } from './lint.ts';

/* The program `metrics-lint`, without the process around it. */

export const USAGE = `Usage: metrics-lint [options] FILE|URL|-

Reads an exposition (Prometheus text 0.0.4 or OpenMetrics 1.0) and prints what is wrong with it.
Asks a URL for both formats.

Options:
  --format text|openmetrics   read as this format, and ask a URL for this one only
  --ignore-names PREFIX       no advice about names that start with PREFIX; can be given again
  --timeout SECONDS           how long a URL may take; default 10
  --json                      print the findings as JSON
  --help                      print this text

Exit codes: 0 nothing found, 1 findings, 2 cannot read.
`;

const ACCEPT: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain;version=0.0.4',
  openmetrics: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5',
};

/** What a process gives to the program. */
export interface LintStreams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

interface Source {
  readonly name: string;
  readonly body: string | Uint8Array;
  readonly format: ExpositionFormat | undefined;
}

interface Command extends LintOptions {
  readonly source: string;
  readonly isJson: boolean;
  readonly timeoutMs: number;
}

/** Returns the exit code: 0 nothing found, 1 findings, 2 wrong arguments or cannot read. */
export async function runLint(
  args: readonly string[],
  { stdin, stdout, stderr }: LintStreams,
): Promise<number> {
  try {
    const command = readArguments(args);
    if (command === undefined) {
      stdout.write(USAGE);
      return 0;
    }
    const sources = await readSources(command, stdin);
    const found = sources.map(({ name, body, format }) => ({
      source: name,
      findings: lintExposition(body, { ...command, format }),
    }));
    stdout.write(command.isJson ? `${JSON.stringify(found, null, 2)}\n` : found.map(report).join(''));
    return found.some(({ findings }) => findings.length > 0) ? 1 : 0;
  } catch (error) {
    stderr.write(`metrics-lint: ${reasonOf(error)}\n`);
    return 2;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}

function report({ source, findings }: { source: string; findings: readonly Finding[] }): string {
  return findings
    .map((finding) => `${source}: ${messageOf(finding)} (${finding.severity}: ${finding.rule})\n`)
    .join('');
}

/** Undefined when the user asked for help. Throws for arguments that the usage does not have. */
function readArguments(args: readonly string[]): Command | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      format: { type: 'string' },
      'ignore-names': { type: 'string', multiple: true },
      timeout: { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { format } = values;
  if (format !== undefined && format !== 'text' && format !== 'openmetrics') {
    throw new Error(`expected --format text or openmetrics; got ${format}`);
  }
  const seconds = Number(values.timeout);
  if (!(seconds > 0 && seconds <= 3600)) {
    throw new Error(`expected --timeout above 0 and up to 3600; got ${values.timeout}`);
  }
  const [source] = positionals;
  if (source === undefined || positionals.length > 1) {
    throw new Error(`expected one FILE, URL or -; got ${positionals.length}\n\n${USAGE}`);
  }
  const ignoreNames = values['ignore-names'];
  return { source, format, ignoreNames, isJson: values.json, timeoutMs: seconds * 1000 };
}

async function readSources(command: Command, stdin: NodeJS.ReadableStream): Promise<Source[]> {
  const { source, format } = command;
  if (source === '-') return [{ name: 'stdin', body: await text(stdin), format }];
  if (!/^https?:\/\//i.test(source)) return [{ name: source, body: await readFile(source), format }];
  const formats: readonly ExpositionFormat[] = format === undefined ? ['text', 'openmetrics'] : [format];
  const sources: Source[] = [];
  for (const asked of formats) {
    const answer = await scrape(command, asked);
    // A server with one format only answers both times in that one.
    if (!sources.some((other) => other.format === answer.format)) sources.push(answer);
  }
  return sources;
}

async function scrape({ source, timeoutMs }: Command, format: ExpositionFormat): Promise<Source> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(source, { headers: { accept: ACCEPT[format] }, signal });
  const body = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) throw new Error(`expected status 200 of ${source}; got ${response.status}`);
  const type = response.headers.get('content-type') ?? 'none';
  const answered = formatOf(type);
  if (answered === undefined) {
    throw new Error(`expected the content type of an exposition from ${source}; got ${type}`);
  }
  return { name: `${source} (${answered})`, body, format: answered };
}

function formatOf(contentType: string): ExpositionFormat | undefined {
  if (/^application\/openmetrics-text\b/i.test(contentType)) return 'openmetrics';
  return /^text\/plain\b/i.test(contentType) ? 'text' : undefined;
}
