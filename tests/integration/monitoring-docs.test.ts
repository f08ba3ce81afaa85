import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { readPage } from '../support/pages.ts';
import { REPOSITORY, temporaryFolder } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

const run = promisify(execFile);
const PAGE = readPage('docs/monitoring.md');

/** The text of the page's fenced code that begins so. */
function block(beginning: string): string {
  const start = PAGE.indexOf(`\`\`\`${beginning}\n`);
  assert.ok(start >= 0, beginning);
  return PAGE.slice(PAGE.indexOf('\n', start) + 1, PAGE.indexOf('\n```', start) + 1);
}

describe('docs/monitoring.md', () => {
  const scope = suiteScope();
  let folder: string;

  before(async () => {
    folder = await temporaryFolder(scope);
    await copyFile(join(REPOSITORY, 'deploy/alerts/asdlc.rules.yml'), join(folder, 'asdlc.rules.yml'));
  });

  it('has rules by its command that promtool finds no fault in', async () => {
    const args = ['scripts/alert-rules.ts', '--dashboard-url', 'https://asdlc.example'];
    const { stdout } = await run(process.execPath, args, { cwd: REPOSITORY });
    assert.match(stdout, /runbook_url: https:\/\/asdlc\.example\/runbooks\/RedisDown/);
    await writeFile(join(folder, 'asdlc.rules.yml'), stdout);
    const checked = await run('promtool', ['check', 'rules', 'asdlc.rules.yml'], { cwd: folder });
    assert.match(checked.stdout, /SUCCESS/);
  });

  it('has a configuration of Prometheus', async () => {
    await writeFile(join(folder, 'prometheus.yml'), block('yaml prometheus'));
    const { stdout } = await run('promtool', ['check', 'config', 'prometheus.yml'], { cwd: folder });
    assert.match(stdout, /asdlc\.rules\.yml/);
  });

  it('has a configuration of Alertmanager', async () => {
    await writeFile(join(folder, 'alertmanager.yml'), block('yaml alertmanager'));
    const { stdout } = await run('amtool', ['check-config', 'alertmanager.yml'], { cwd: folder });
    assert.match(stdout, /SUCCESS/);
  });

  it('has arguments of vmalert', async () => {
    const command = /vmalert (-rule[^`]*)\n```/.exec(PAGE)?.[1] ?? assert.fail();
    const args = command.replaceAll('\\\n', ' ').trim().split(/\s+/);
    await run('vmalert', [...args, '-dryRun'], { cwd: folder });
  });

  it('names every option of the generator, and every variable of the provisioning files', async () => {
    const generator = readPage('scripts/alert-rules.ts');
    for (const [, option] of generator.matchAll(/^ {2}'([a-z-]+)': '/gm))
      if (option !== 'time-scale') assert.ok(PAGE.includes(`\`--${option}\``), option);
    const provisioning = readPage('deploy/grafana/provisioning/datasources/asdlc.yml');
    for (const [name] of provisioning.matchAll(/ASDLC_[A-Z]+(_[A-Z]+)*/g))
      assert.ok(PAGE.includes(`\`${name}\``), name);
  });
});
