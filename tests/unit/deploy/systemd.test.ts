import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { loadOrchestratorConfig, loadWorkersConfig, variableNames } from '../../../src/shared/config.ts';
import { readPage } from '../../support/pages.ts';
import { REPOSITORY, temporaryFolder } from '../../support/processes.ts';

const run = promisify(execFile);
const UNITS = ['asdlc-orchestrator.service', 'asdlc-workers@.service'];
const TOKEN = 'a-token-of-a-test';

/** The unit with the settings that are optional. */
function textOf(unit: string): string {
  const text = readFileSync(join(REPOSITORY, 'deploy/systemd', unit), 'utf8');
  return text.replaceAll(/^#(?=[A-Z])/gm, '');
}

function valuesOf(unit: string, key: string): string[] {
  return [...textOf(unit).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

/** The environment of a unit: of its first instance, with the credentials in `folder`. */
function environmentOf(unit: string, folder: string): Record<string, string> {
  const assignments = valuesOf(unit, 'Environment').map((line) => line.split('='));
  const filled = assignments.map(([name = '', value = '']) => [
    name,
    value.replace('%d', folder).replace('%i', '1'),
  ]);
  return Object.fromEntries(filled);
}

/** Writes a unit for a machine on which asdlc is in this checkout. */
async function install(unit: string, folder: string, change = (text: string) => text): Promise<string> {
  const path = join(folder, unit);
  await writeFile(path, change(textOf(unit).replaceAll('/opt/asdlc', REPOSITORY)));
  return path;
}

describe('deploy/systemd', () => {
  for (const unit of UNITS) {
    it(`${unit} passes systemd, which finds little that it may do`, async (t) => {
      const folder = await temporaryFolder(t);
      const path = await install(unit, folder);
      const { stderr } = await run('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', path]);
      assert.equal(stderr, '');
      await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', path]); // 2.0 of 10
      const wrong = await install(unit, folder, (text) => text.replace('Restart=', 'Restrat='));
      const refused = run('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', wrong]);
      await assert.rejects(refused, /Unknown key 'Restrat'/);
    });

    it(`${unit} sets only variables that the services read, from the credentials that it loads`, async (t) => {
      const folder = await temporaryFolder(t);
      await mkdir(join(folder, 'credentials'));
      const credentials = valuesOf(unit, 'LoadCredential').map((value) => value.split(':'));
      for (const [name = '', source = ''] of credentials) {
        assert.equal(source, `/etc/asdlc/${name}`);
        assert.ok(readPage('docs/deployment.md').includes(source), `${source} in docs/deployment.md`);
        const text = name === 'redis-url' ? 'redis://:secret@127.0.0.1:6379' : TOKEN;
        await writeFile(join(folder, name), text);
      }
      const environment = environmentOf(unit, folder);
      const { known } = variableNames();
      const isKnown = (name: string) => known.has(name) || name === 'NODE_ENV';
      assert.deepEqual(
        Object.keys(environment).filter((name) => !isKnown(name)),
        [],
      );
      const config = unit.includes('workers')
        ? loadWorkersConfig(environment)
        : loadOrchestratorConfig(environment);
      assert.equal(config.METRICS_TOKEN, TOKEN);
      if ('WEBHOOKS_FILE' in config) assert.equal(config.WEBHOOKS_FILE, join(folder, 'webhooks.json'));
      assert.equal('WEBHOOKS_FILE' in config, unit.includes('workers'));
      assert.equal(config.SERVICE_PORT, unit.includes('workers') ? 8081 : 8080);
      const endsWithin = 'DRAIN_TIMEOUT' in config ? config.DRAIN_TIMEOUT + 5 : 10;
      assert.deepEqual(valuesOf(unit, 'TimeoutStopSec'), [`${endsWithin + 5}`]);
    });

    it(`${unit} starts a file that the build makes`, () => {
      const [command = ''] = valuesOf(unit, 'ExecStart');
      const program = command.split(' ').at(-1) ?? '';
      const source = program.replace(/^dist\//, 'src/').replace(/\.js$/, '.ts');
      assert.match(readFileSync(join(REPOSITORY, source), 'utf8'), /awaitStopSignal/);
    });
  }
});
