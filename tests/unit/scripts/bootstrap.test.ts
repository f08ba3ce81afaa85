import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findProgram } from '../../../src/local-stack/processes/find-program.ts';

/*
 * The script runs in a copy of the repository with a PATH of its own. There, apt-get, sudo, systemctl and npm are
 * small programs that note how they are called: a test must not install or disable anything on this machine.
 */

const REPOSITORY = join(import.meta.dirname, '../../..');
const REAL_PROGRAMS =
  'cat chmod cmp cp dirname env find grep head mkdir mktemp rm sed sh sleep tail wc'.split(' ');
const APT = 'env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120';

const FAKES: Record<string, string> = {
  id: 'echo "$USER_ID"',
  'apt-get': `note apt-get "$@"
for program in redis-server victoria-metrics; do
  case "$*" in *install*"$program"*) touch_program "$program"; echo "$program.service enabled enabled" >>"$UNITS" ;; esac
done`,
  // It runs what only notes its call, and nothing else as root.
  sudo: `[ "$SUDO" = passwordless ] || exit 1
shift
note sudo "$@"
case $1 in env | systemctl) exec "$@" ;; sh) cat >/dev/null ;; esac`,
  systemctl: 'case $1 in list-unit-files) cat "$UNITS" ;; *) note systemctl "$@" ;; esac',
  npm: `note npm "$@"
case $1-$2 in
  config-get) echo "$IGNORE_SCRIPTS" ;;
  ci-*) [ "$IGNORE_SCRIPTS" = true ] || touch_node ;;
  rebuild-node) touch_node ;;
esac`,
};

test('is silent when nothing is missing', async (t) => {
  const machine = createMachine(t, { programs: ['redis-server', 'victoria-metrics'], hasNode: true });
  assert.deepEqual(await machine.run(), { code: 0, output: '' });
  assert.deepEqual(machine.calls(), []);
});

test('says the exact commands and asks before it uses sudo', async (t) => {
  const machine = createMachine(t, { hasNode: true });
  const { code, output } = await machine.runOnTerminal('n\n');
  assert.equal(code, 1);
  assert.match(output, /not on PATH: redis-server victoria-metrics/);
  assert.match(
    output,
    new RegExp(`^ {2}sudo -n ${APT} install --no-install-recommends redis-server victoria-metrics`, 'm'),
  );
  assert.match(output, /Run these commands now\? \[y\/N\]/);
  assert.match(output, /Nothing was installed\..*sudo apt-get install .*brew install/s);
  assert.deepEqual(machine.calls(), ['sudo true']);
});

test('installs after a yes, and runs the commands that it showed', async (t) => {
  const machine = createMachine(t, { hasNode: true });
  const { code, output } = await machine.runOnTerminal('y\n');
  assert.equal(code, 0, output);
  const shown = [...output.matchAll(/^ {2}sudo -n (env .*apt-get.*?)\r?$/gm)].map(
    ([, command]) => `sudo ${command}`,
  );
  assert.equal(shown.length, 2);
  assert.deepEqual(
    machine.calls().filter((call) => call.startsWith('sudo env')),
    shown,
  );
});

test('does not use sudo where there is nobody to ask', async (t) => {
  const machine = createMachine(t, { hasNode: true });
  const { code, output } = await machine.run();
  assert.equal(code, 1);
  assert.match(output, /There is no terminal to ask the question on\. With ASDLC_YES=1/);
  assert.deepEqual(machine.calls(), ['sudo true']);
});

for (const [who, environment] of [
  ['ASDLC_YES=1', { ASDLC_YES: '1' }],
  ['CI', { CI: 'true' }],
] as const) {
  test(`installs without a question for ${who}, and says what`, async (t) => {
    const machine = createMachine(t, { hasNode: true });
    const { code, output } = await machine.run(environment);
    assert.equal(code, 0, output);
    assert.match(
      output,
      new RegExp(`${APT} install --no-install-recommends redis-server victoria-metrics\n`),
    );
    assert.ok(machine.calls().some((call) => call.includes('install --no-install-recommends')));
  });
}

test('installs no packages for the command asdlc, and names that command', async (t) => {
  const machine = createMachine(t, {});
  const args = ['programs', 'npx asdlc start'];
  const refused = await machine.run({ ASDLC_NO_APT: '1' }, args);
  assert.equal(refused.code, 1);
  assert.match(refused.output, /^ {4}REDIS_URL=redis:\/\/127\.0\.0\.1:6379 npx asdlc start$/m);
  const { code, output } = await machine.run({ ASDLC_YES: '1' }, args);
  assert.equal(code, 0, output);
  assert.ok(machine.calls().some((call) => call.includes('install --no-install-recommends')));
  assert.deepEqual(
    machine.calls().filter((call) => call.startsWith('npm')),
    [],
  );
});

test('does not use apt with ASDLC_NO_APT=1, and says what to do', async (t) => {
  const machine = createMachine(t, { hasNode: true });
  const { code, output } = await machine.run({ ASDLC_NO_APT: '1', ASDLC_YES: '1', CI: 'true' });
  assert.equal(code, 1);
  assert.match(output, /ASDLC_NO_APT=1 forbids this script to install them with apt\..*brew install redis/s);
  assert.deepEqual(machine.calls(), []);
});

test('disables the services that the installation created, and no other', async (t) => {
  const machine = createMachine(t, { hasNode: true, units: 'redis-server.service enabled enabled\n' });
  const { code, output } = await machine.run({ ASDLC_YES: '1' });
  assert.equal(code, 0, output);
  assert.match(output, /disabling the new service victoria-metrics\.service/);
  assert.deepEqual(
    machine.calls().filter((call) => call.startsWith('systemctl')),
    ['systemctl disable --now victoria-metrics.service'],
  );
});

test('installs the npm packages with the scripts setting of the user', async (t) => {
  const machine = createMachine(t, { programs: ['redis-server', 'victoria-metrics'] });
  const { code, output } = await machine.run();
  assert.equal(code, 0, output);
  const [, command] = /^ {2}(npm ci .*)$/m.exec(output) ?? [];
  assert.deepEqual(machine.calls(), [command]);
  assert.doesNotMatch(command ?? '', /ignore-scripts/);
});

test('names the one script that it needs when npm runs none, and does not run it unasked', async (t) => {
  const machine = createMachine(t, { programs: ['redis-server', 'victoria-metrics'] });
  const { code, output } = await machine.run({ IGNORE_SCRIPTS: 'true', CI: 'true' });
  assert.equal(code, 1);
  assert.match(output, /ignore-scripts=true.*\n.*\n {2}npm rebuild node --ignore-scripts=false\n/);
  assert.match(output, /Node 24 is missing\. Run the command above, then start again\./);
  assert.ok(!machine.calls().some((call) => call.includes('rebuild')));
});

test('runs that script after a yes', async (t) => {
  const machine = createMachine(t, { programs: ['redis-server', 'victoria-metrics'] });
  const { code, output } = await machine.runOnTerminal('yes\n', { IGNORE_SCRIPTS: 'true' });
  assert.equal(code, 0, output);
  assert.equal(machine.calls().at(-1), 'npm rebuild node --ignore-scripts=false');
});

interface Machine {
  run(environment?: NodeJS.ProcessEnv, args?: readonly string[]): Promise<{ code: number; output: string }>;
  /** Runs the script on a terminal and types `answer`. */
  runOnTerminal(answer: string, environment?: NodeJS.ProcessEnv): Promise<{ code: number; output: string }>;
  /** Returns the calls of the fakes. */
  calls(): string[];
}

function createMachine(
  t: TestContext,
  { programs = [], units = '', hasNode = false }: { programs?: string[]; units?: string; hasNode?: boolean },
): Machine {
  const folder = mkdtempSync(join(tmpdir(), 'asdlc-bootstrap-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of REAL_PROGRAMS) symlinkSync(findProgram([name], ''), join(bin, name));
  const write = (path: string, script: string) => {
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  };
  const define = `note() { echo "$*" >>"$CALLS"; }
touch_program() { echo '#!/bin/sh' >"$BIN/$1" && chmod +x "$BIN/$1"; }
touch_node() { mkdir -p node_modules/.bin && printf '#!/bin/sh\\necho 24.1.0\\n' >node_modules/.bin/node && chmod +x node_modules/.bin/node; }`;
  for (const [name, script] of Object.entries(FAKES)) write(join(bin, name), `${define}\n${script}`);
  for (const name of programs) write(join(bin, name), '');

  cpSync(join(REPOSITORY, 'scripts'), join(folder, 'scripts'), { recursive: true });
  writeFileSync(join(folder, 'package-lock.json'), '{}');
  if (hasNode) {
    mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
    write(join(folder, 'node_modules/.bin/node'), 'echo 24.1.0');
    cpSync(join(folder, 'package-lock.json'), join(folder, 'node_modules/.asdlc-installed'));
  }
  writeFileSync(join(folder, 'units'), units);
  const calls = join(folder, 'calls');
  const environmentOf = (environment: NodeJS.ProcessEnv) => ({
    PATH: bin,
    BIN: bin,
    CALLS: calls,
    UNITS: join(folder, 'units'),
    USER_ID: '1000',
    SUDO: 'passwordless',
    IGNORE_SCRIPTS: 'false',
    ...environment,
  });
  const start = async (command: string, args: string[], env: NodeJS.ProcessEnv, input: string) => {
    const child = spawn(command, args, { cwd: folder, env });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.stdin.on('error', () => undefined); // the script may end before it has read all
    child.stdin.end(input);
    const [code] = await once(child, 'close');
    return { code: code as number, output }; // no signal ends it
  };
  return {
    run: (environment = {}, args = ['start']) =>
      start('/bin/sh', ['scripts/bootstrap.sh', ...args], environmentOf(environment), ''),
    runOnTerminal: (answer, environment = {}) => {
      const command = '/bin/sh scripts/bootstrap.sh start';
      const args =
        process.platform === 'darwin'
          ? ['-q', '/dev/null', ...command.split(' ')]
          : ['-q', '-e', '-c', command, '/dev/null'];
      const env = { ...environmentOf(environment), SHELL: '/bin/sh' };
      return start(findProgram(['script'], ''), args, env, answer);
    },
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : []),
  };
}
