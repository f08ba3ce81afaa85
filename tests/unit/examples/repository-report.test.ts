import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, type TestContext, test } from 'node:test';
import { PermanentError } from '../../../examples/handlers/permanent-error.ts';
import { type RepositoryReport, repositoryReport } from '../../../examples/handlers/repository-report.ts';
import { taskContext } from './task-context.ts';

let workspace = '';
let outside = '';

beforeEach((t) => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'asdlc-report-')));
  workspace = join(base, 'workspace');
  outside = join(base, 'outside');
  mkdirSync(workspace);
  mkdirSync(outside);
  (t as TestContext).after(() => rmSync(base, { recursive: true, force: true }));
});

test('counts commits, authors, files and lines by language', async () => {
  const repository = initRepository(join(workspace, 'project'));
  write(repository, { 'src/a.ts': 'one\ntwo\n', 'src/b.ts': 'no newline at the end', 'README.md': '# x\n' });
  commit(repository, 'Ada');
  write(repository, { 'src/a.ts': 'one\ntwo\nthree\n', Makefile: 'all:\n', LICENSE: 'free\n' });
  commit(repository, 'Ada');
  commit(repository, 'Grace');

  assert.deepEqual(await report('project'), {
    commits: 3,
    authors: [
      { name: 'Ada', commits: 2 },
      { name: 'Grace', commits: 1 },
    ],
    files: 5,
    lines_by_language: { TypeScript: 4, Markdown: 1, Makefile: 1, Other: 1 },
  });
});

test('reports on a workspace that is itself a checkout', async () => {
  initRepository(workspace);
  write(workspace, { 'a.py': 'print()\n' });
  commit(workspace, 'Ada');
  assert.deepEqual((await report('.')).lines_by_language, { Python: 1 });
});

test('reports no commits and no authors before the first commit', async () => {
  initRepository(join(workspace, 'new'));
  assert.deepEqual(await report('new'), { commits: 0, authors: [], files: 0, lines_by_language: {} });
});

test('does not count lines of binary, huge, missing and untracked files', async () => {
  const repository = initRepository(join(workspace, 'project'));
  write(repository, {
    'image.ts': 'a\0b\n',
    'huge.ts': 'x\n'.repeat(3_000_000),
    'gone.ts': 'x\n',
    'a.ts': 'x\n',
  });
  commit(repository, 'Ada');
  rmSync(join(repository, 'gone.ts'));
  write(repository, { 'untracked.ts': 'x\n' });
  const { files, lines_by_language } = await report('project');
  assert.equal(files, 4);
  assert.deepEqual(lines_by_language, { TypeScript: 1 });
});

test('does not follow a symlink, whether it replaces a file or a folder', async () => {
  write(outside, { 'secret.ts': 'x\n'.repeat(100) });
  const repository = initRepository(join(workspace, 'project'));
  symlinkSync(join(outside, 'secret.ts'), join(repository, 'link.ts'));
  write(repository, { 'folder/secret.ts': 'x\n', 'replaced.ts': 'x\n', 'a.ts': 'x\n' });
  commit(repository, 'Ada');
  for (const name of ['folder', 'replaced.ts']) rmSync(join(repository, name), { recursive: true });
  symlinkSync(outside, join(repository, 'folder'));
  symlinkSync(join(outside, 'secret.ts'), join(repository, 'replaced.ts'));
  const { files, lines_by_language } = await report('project');
  assert.equal(files, 3);
  assert.deepEqual(lines_by_language, { TypeScript: 1 });
});

test('throws a permanent error for every kind of path that leads outside the workspace', async () => {
  initRepository(outside);
  symlinkSync(outside, join(workspace, 'link'));
  for (const path of ['../outside', outside, 'link', '..', '/', 'no-such-folder']) {
    await assert.rejects(
      report(path),
      (error) => error instanceof PermanentError && /expected a folder in the workspace/.test(error.message),
      path,
    );
  }
});

test('throws a permanent error for a payload without a path', async () => {
  for (const payload of [undefined, null, 'project', {}, { path: 7 }, { path: '' }, { path: 'a\0b' }]) {
    await assert.rejects(Promise.resolve(run(payload)), {
      name: 'PermanentError',
      retryable: false,
      message: /payload\.path: expected the path of a git checkout, a string; got/,
    });
  }
});

test('throws a permanent error for a folder that is not the top folder of a checkout', async () => {
  initRepository(workspace);
  mkdirSync(join(workspace, 'plain'));
  await assert.rejects(report('plain'), {
    name: 'PermanentError',
    message: /not the top folder|not a git rep/,
  });
  write(outside, { 'a.ts': 'x\n' });
  const nested = join(workspace, 'nested');
  mkdirSync(nested);
  await assert.rejects(report('nested'), { name: 'PermanentError', message: /expected a git checkout/ });
});

test('refuses a checkout whose repository or objects lie outside the workspace', async () => {
  const elsewhere = initRepository(join(outside, 'elsewhere'));
  write(elsewhere, { 'a.ts': 'x\n' });
  commit(elsewhere, 'Ada');
  git(elsewhere, 'worktree', 'add', '-q', join(workspace, 'worktree'));
  git(workspace, 'clone', '-q', '--shared', elsewhere, 'shared');
  mkdirSync(join(workspace, 'linked'));
  symlinkSync(join(elsewhere, '.git'), join(workspace, 'linked', '.git'));
  await assert.rejects(report('worktree'), /its repository lies outside the workspace/);
  await assert.rejects(report('linked'), /its repository lies outside the workspace/);
  await assert.rejects(report('shared'), /borrows objects/);
});

/** Each makes the checkout `project` lead to `outside`, in one of the ways that git itself would follow. */
const WAYS_OUT: Record<string, (project: string) => void> = {
  'a symlink for HEAD': (project) => replaceBySymlink(project, 'HEAD'),
  'a symlink for the index': (project) => replaceBySymlink(project, 'index'),
  'a symlink for the configuration': (project) => replaceBySymlink(project, 'config'),
  'a symlink for the folder of objects': (project) => replaceBySymlink(project, 'objects'),
  'a symlink for the folder of packs': (project) => replaceBySymlink(project, 'objects/pack'),
  'a symlink for a folder of loose objects': (project) => {
    rmSync(join(project, '.git/objects/ab'), { recursive: true, force: true });
    symlinkSync(join(outside, '.git/objects'), join(project, '.git/objects/ab'));
  },
  'a symlink for the folder of refs': (project) => replaceBySymlink(project, 'refs'),
  'a symlink for a branch': (project) =>
    symlinkSync(join(outside, '.git/refs/heads/master'), join(project, '.git/refs/heads/other')),
  'a symlink to a folder in the workspace with a symlink out': (project) => {
    mkdirSync(join(workspace, 'store'));
    symlinkSync(join(outside, '.git/objects/pack'), join(workspace, 'store/pack'));
    rmSync(join(project, '.git/objects'), { recursive: true });
    symlinkSync(join(workspace, 'store'), join(project, '.git/objects'));
  },
  'a symlink to a file that does not exist yet': (project) =>
    symlinkSync(join(outside, 'later'), join(project, '.git/packed-refs')),
  'a .git that is a symlink': (project) => {
    rmSync(join(project, '.git'), { recursive: true });
    symlinkSync(join(outside, '.git'), join(project, '.git'));
  },
  'a .git that is a file with a path': (project) => {
    rmSync(join(project, '.git'), { recursive: true });
    write(project, { '.git': `gitdir: ${outside}/.git\n` });
  },
  'a commondir file': (project) => write(project, { '.git/commondir': '../../../outside/.git\n' }),
  alternates: (project) => write(project, { '.git/objects/info/alternates': `${outside}/.git/objects\n` }),
  'include.path': (project) => git(project, 'config', 'include.path', join(outside, 'more-config')),
  'includeIf.path': (project) =>
    write(project, { '.git/config': `[INCLUDEIF "gitdir:**"]\n  Path = ${outside}/more-config\n` }),
  'include.path in config.worktree': (project) => {
    git(project, 'config', 'extensions.worktreeConfig', 'true');
    git(project, 'config', '--worktree', 'include.path', join(outside, 'more-config'));
  },
  'core.worktree': (project) => git(project, 'config', 'core.worktree', outside),
  'a symlink for .mailmap': (project) => symlinkSync(join(outside, 'mailmap'), join(project, '.mailmap')),
  'a named pipe': (project) => {
    execFileSync('mkfifo', [join(project, '.git/packed-refs')]);
  },
};

for (const [way, lead] of Object.entries(WAYS_OUT)) {
  test(`refuses a checkout with a way out: ${way}`, async () => {
    initRepository(outside);
    write(outside, { 'secret.ts': 'x\n', 'more-config': '[user]\n', mailmap: 'Mallory <ada@example.org>\n' });
    commit(outside, 'Mallory');
    const project = initRepository(join(workspace, 'project'));
    write(project, { 'a.ts': 'x\n' });
    commit(project, 'Ada');
    assert.equal((await report('project')).commits, 1);
    lead(project);
    await assert.rejects(report('project'), { name: 'PermanentError', message: /expected a git checkout/ });
  });
}

test('does not read a mailmap that the configuration names', async () => {
  const project = initRepository(join(workspace, 'project'));
  write(project, { 'a.ts': 'x\n' });
  commit(project, 'Ada');
  write(outside, { mailmap: 'Mallory <Ada@example.org>\n' });
  git(project, 'config', 'mailmap.file', join(outside, 'mailmap'));
  assert.deepEqual((await report('project')).authors, [{ name: 'Ada', commits: 1 }]);
});

test('reports on a linked worktree and a submodule whose repository lies in the workspace', async () => {
  const main = initRepository(join(workspace, 'main'));
  write(main, { 'a.ts': 'x\n' });
  commit(main, 'Ada');
  git(main, 'worktree', 'add', '-q', join(workspace, 'linked'));
  assert.equal((await report('linked')).commits, 1);
  const parent = initRepository(join(workspace, 'parent'));
  git(parent, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', main, 'part');
  assert.equal((await report('parent/part')).commits, 1);
});

test('throws a permanent error for a configuration that git cannot read', async () => {
  const project = initRepository(join(workspace, 'project'));
  write(project, { '.git/config': '[core\n' });
  await assert.rejects(report('project'), { name: 'PermanentError', message: /bad config line 1/ });
});

test('ignores hooks, which git does not run here', async () => {
  const project = initRepository(join(workspace, 'project'));
  mkdirSync(join(project, '.git/hooks'), { recursive: true });
  symlinkSync(join(outside, 'hook'), join(project, '.git/hooks/pre-commit'));
  assert.equal((await report('project')).commits, 0);
});

test('does not run programs that the configuration of the checkout names', async () => {
  const repository = initRepository(join(workspace, 'project'));
  write(repository, { 'a.ts': 'x\n' });
  commit(repository, 'Ada');
  const trace = join(outside, 'ran');
  const program = join(outside, 'program.sh');
  writeFileSync(program, `#!/bin/sh\necho "$0" >> ${trace}\n`, { mode: 0o755 });
  for (const name of ['core.fsmonitor', 'core.pager', 'core.sshCommand', 'gpg.program', 'diff.external']) {
    git(repository, 'config', name, program);
  }
  git(repository, 'config', 'log.showSignature', 'true');
  const { commits, authors } = await report('project');
  git(repository, 'config', 'i18n.logOutputEncoding', 'UTF-16');
  assert.deepEqual((await report('project')).authors, authors);
  assert.equal(commits, 1);
  assert.equal(existsSync(trace), false);
});

test('stops when the attempt is aborted', async () => {
  initRepository(join(workspace, 'project'));
  const signal = AbortSignal.abort();
  await assert.rejects(Promise.resolve(run({ path: 'project' }, signal)), { name: 'AbortError' });
});

function run(payload: unknown, signal?: AbortSignal): unknown {
  return repositoryReport(workspace)(taskContext(payload, signal));
}

async function report(path: string): Promise<RepositoryReport> {
  return (await run({ path })) as RepositoryReport; // what the handler declares
}

function initRepository(path: string): string {
  mkdirSync(path, { recursive: true });
  git(path, 'init', '-q', '-b', 'master');
  return path;
}

function write(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** Replaces a file or folder of the repository by a symlink to that of `outside`. */
function replaceBySymlink(project: string, name: string): void {
  rmSync(join(project, '.git', name), { recursive: true });
  symlinkSync(join(outside, '.git', name), join(project, '.git', name));
}

function commit(repository: string, author: string): void {
  git(repository, 'add', '-A');
  const identity = ['-c', `user.name=${author}`, '-c', `user.email=${author}@example.org`];
  git(repository, ...identity, '-c', 'commit.gpgSign=false', 'commit', '-q', '--allow-empty', '-m', 'change');
}

function git(cwd: string, ...args: string[]): void {
  execFileSync('git', args, { cwd, env: { PATH: process.env.PATH, HOME: outside }, stdio: 'pipe' });
}
