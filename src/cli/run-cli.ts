import { createClient } from '../client/index.ts';
import { loadCliConfig } from '../shared/config.ts';
import { AsdlcError } from '../shared/errors.ts';
import { nearestName } from '../shared/nearest-name.ts';
import { packageVersion } from '../shared/package.ts';
import { type Command, helpOf, parseCommandLine } from './command.ts';
import { EXIT, exitCodeOf, optionInvalid } from './exit-codes.ts';
import { isProgram, startProgram } from './programs.ts';
import { createTerminal, type Terminal } from './terminal/terminal.ts';

interface Listed {
  readonly summary: string;
  /** Loads the command, so that none waits for the parts of another. */
  readonly load: () => Promise<Command>;
}

const COMMANDS: Readonly<Record<string, Listed>> = {
  init: listed('make a project with a first handler', async () => (await import('./commands/init.ts')).init),
  start: listed('run everything on this machine', async () => (await import('./commands/programs.ts')).start),
  orchestrator: listed(
    'run the orchestrator',
    async () => (await import('./commands/programs.ts')).orchestrator,
  ),
  workers: listed('run a worker process', async () => (await import('./commands/programs.ts')).workers),
  submit: listed('submit a task', async () => (await import('./commands/submit.ts')).submit),
  tasks: listed('list tasks', async () => (await import('./commands/tasks.ts')).tasks),
  task: listed('show a task', async () => (await import('./commands/task.ts')).task),
  errors: listed('group the errors of tasks', async () => (await import('./commands/errors.ts')).errors),
  retry: listed('queue dead tasks again', async () => (await import('./commands/changes.ts')).retry),
  cancel: listed('end tasks that wait or run', async () => (await import('./commands/changes.ts')).cancel),
  run: listed('make delayed tasks due now', async () => (await import('./commands/changes.ts')).run),
  remove: listed('remove tasks that do not run', async () => (await import('./commands/changes.ts')).remove),
  schedules: listed(
    'list recurring tasks, pause, resume, run and remove them',
    async () => (await import('./commands/schedules.ts')).schedules,
  ),
  pause: listed(
    'stop all workers from taking tasks',
    async () => (await import('./commands/changes.ts')).pause,
  ),
  resume: listed('let workers take tasks again', async () => (await import('./commands/changes.ts')).resume),
  doctor: listed(
    'check the set-up, and say what to do',
    async () => (await import('./commands/doctor.ts')).doctor,
  ),
};

/** A program of the metrics library, with a help of its own. */
const METRICS_LINT = 'metrics-lint';

function listed(summary: string, load: Listed['load']): Listed {
  return { summary, load };
}

/** What a process gives to a command. Services use the process itself. */
export type CliProcess = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env'>;

/** Runs one command. Returns its exit code; undefined for a service, which ends the process itself. */
export async function runCli(
  args: readonly string[],
  around: CliProcess = process,
): Promise<number | undefined> {
  const terminal = createTerminal(around.stdout, around.stderr);
  try {
    return await dispatch(args, terminal, around);
  } catch (error) {
    terminal.note(`asdlc: ${describe(error)}`);
    return exitCodeOf(error);
  }
}

async function dispatch(
  [name, ...args]: readonly string[],
  terminal: Terminal,
  around: CliProcess,
): Promise<number | undefined> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    terminal.line(overview());
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  if (name === '--version' || name === '-v') {
    terminal.line(packageVersion());
    return EXIT.done;
  }
  if (name === METRICS_LINT) {
    const { runLint } = await import('../infrastructure/metrics/testing/lint-command.ts');
    return runLint(args, around);
  }
  const listedCommand = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (listedCommand === undefined) throw unknownCommand(name);
  const command = await listedCommand.load();
  const parsed = parseCommandLine(name, command, args);
  if (parsed.values.help === true) {
    terminal.line(helpOf(name, command).trimEnd());
    return EXIT.done;
  }
  if (isProgram(name)) return startProgram(name, args);
  const isJson = parsed.values.json === true;
  const client = (retryForMs?: number) => connect(terminal, around.env, retryForMs);
  return command.run({ ...parsed, isJson, terminal, stdin: around.stdin, env: around.env, client });
}

/** A person waits: a command gives up sooner than a program. */
const USUAL_RETRY_MS = 5_000;

function connect(terminal: Terminal, env: NodeJS.ProcessEnv, retryForMs = USUAL_RETRY_MS) {
  const { ASDLC_URL: url, ASDLC_TOKEN: token } = loadCliConfig(env);
  const onWarning = (warning: string) => terminal.note(`warning: ${warning}`);
  return createClient({ url, token, retryForMs, onWarning });
}

function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]): [string, string] => [name, summary]);
  const all = [...rows, [METRICS_LINT, 'print what is wrong with an exposition'] as const];
  const lines = all.map(([name, summary]) => `  ${name.padEnd(14)}${summary}`);
  return `usage: asdlc COMMAND [arguments] [options]

${lines.join('\n')}

asdlc COMMAND --help   says what a command takes
asdlc --version        prints the version

ASDLC_URL     the orchestrator (default: http://127.0.0.1:8080)
ASDLC_TOKEN   a token of it; ASDLC_TOKEN_FILE names a file with one

exit codes: 0 done, 1 failed, 2 wrong usage, 3 no answer or "not now", 4 no such task, 5 the task is dead`;
}

function unknownCommand(name: string): AsdlcError {
  const nearest = nearestName(name, [...Object.keys(COMMANDS), METRICS_LINT]);
  const hint = nearest === undefined ? 'See: asdlc --help' : `Did you mean ${nearest}?`;
  return optionInvalid(`expected a command; got ${JSON.stringify(name)}. ${hint}`);
}

/** Only an error in the code of asdlc has a stack trace. */
function describe(error: unknown): string {
  if (error instanceof AsdlcError) return error.message;
  const { syscall, message, stack } = error as NodeJS.ErrnoException; // `syscall`: errors of the system have one
  return syscall === undefined ? (stack ?? String(error)) : message;
}
