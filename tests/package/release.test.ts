import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ReleasePlan } from '../../scripts/release/plan.ts';
import { release } from '../../scripts/release.ts';
import { temporaryFolder } from '../support/processes.ts';

const PLAN: ReleasePlan = {
  packages: [{ folder: '.', contents: /^(package\.json|CHANGELOG\.md|index\.js)$/, required: ['index.js'] }],
  versions: [{ file: 'deploy.yaml', pattern: /tag: (\S+)/ }],
  generators: ['generate.js'],
  check: 'check',
};

const MANIFEST = {
  name: 'sample',
  version: '1.2.0',
  type: 'module',
  files: ['index.js', 'CHANGELOG.md'],
  scripts: { check: 'node check.js' },
};

/** A project of which 1.2.0 can be released. */
const FILES: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify(MANIFEST, null, 2)}\n`,
  'CHANGELOG.md': '# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-01-31\n\n- It counts.\n',
  'deploy.yaml': 'tag: 1.2.0\n',
  'page.md': 'made of 1\n',
  'index.js': 'export default 1;\n',
  'check.js': '',
  'generate.js': `import { writeFileSync } from 'node:fs';\nwriteFileSync('page.md', 'made of 1\\n');\n`,
  '.gitignore': 'release/\n',
};

async function createProject(t: TestContext, changes: Readonly<Record<string, string>> = {}) {
  const folder = await temporaryFolder(t);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  };
  git('init', '--quiet');
  git('config', 'user.name', 'tests');
  git('config', 'user.email', 'tests@example.com');
  write({ ...FILES, ...changes });
  git('add', '--all');
  git('commit', '--quiet', '--message', 'all');
  const releaseIt = (...args: string[]) => {
    let printed = '';
    const code = release(folder, args, PLAN, (text) => (printed += text));
    return { code, printed };
  };
  return { folder, git, write, releaseIt };
}

/** What stops a release, by what was changed in the project, and the text that says so. */
const STALE: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  [
    'another version in a package',
    { 'package.json': FILES['package.json']?.replace('1.2.0', '1.1.0') ?? '' },
    /expected 1\.2\.0 in package\.json; got 1\.1\.0/,
  ],
  ['another version elsewhere', { 'deploy.yaml': 'tag: 1.1.0' }, /in deploy\.yaml; got 1\.1\.0/],
  [
    'a changelog without the version',
    { 'CHANGELOG.md': '## [1.1.0] - 2026-01-01\n' },
    /"## \[1\.2\.0\] - YYYY-MM-DD" in CHANGELOG\.md; got none/,
  ],
  ['a changelog without a date', { 'CHANGELOG.md': '## [1.2.0]\n\n- x\n' }, /got "## \[1\.2\.0\]"/],
  ['a date that is none', { 'CHANGELOG.md': '## [1.2.0] - 2026-13-01\n\n- x\n' }, /got "## .*2026-13-01"/],
  [
    'a version without entries',
    { 'CHANGELOG.md': '## [1.2.0] - 2026-01-31\n' },
    /expected entries under 1\.2\.0/,
  ],
  [
    'entries that are unreleased',
    { 'CHANGELOG.md': `## [Unreleased]\n\n- y\n\n${FILES['CHANGELOG.md']?.split('[Unreleased]')[1]}` },
    /got 1 under \[Unreleased\]/,
  ],
  ['a stale page', { 'page.md': 'made of 0\n' }, /page\.md was stale, and has been written again/],
  [
    'a generator that fails',
    { 'generate.js': 'throw new Error("broken")' },
    /expected generate\.js to run[\s\S]*broken/,
  ],
  [
    'a secret in the package',
    { 'package.json': FILES['package.json']?.replace('"index.js"', '"index.js", ".env"') ?? '', '.env': 'x' },
    /unexpected \.env in that of \./,
  ],
  [
    'a file that the package lacks',
    { 'package.json': FILES['package.json']?.replace('"index.js",', '') ?? '' },
    /expected index\.js in that of \.; got none/,
  ],
  [
    'a check that fails',
    { 'check.js': 'console.error("wrong type"); process.exit(1);' },
    /npm run check to pass[\s\S]*wrong type/,
  ],
];

describe('npm run release', () => {
  it('writes tarball, SBOM and hashes, and tags the commit', async (t) => {
    const { folder, git, releaseIt } = await createProject(t);
    const { code, printed } = releaseIt('1.2.0');
    assert.equal(code, 0, printed);
    assert.deepEqual(readdirSync(join(folder, 'release')).toSorted(), [
      'SHA256SUMS',
      'sample-1.2.0.tgz',
      'sbom-1.2.0.cdx.json',
    ]);
    execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: join(folder, 'release') });
    const sbom = JSON.parse(readFileSync(join(folder, 'release/sbom-1.2.0.cdx.json'), 'utf8'));
    assert.deepEqual([sbom.bomFormat, sbom.metadata.component.name], ['CycloneDX', 'sample']);
    assert.equal(git('cat-file', '-t', 'v1.2.0').trim(), 'tag');
    assert.equal(git('status', '--porcelain'), '');

    const again = releaseIt('1.2.0');
    assert.deepEqual([again.code, /expected no v1\.2\.0 yet/.test(again.printed)], [1, true]);
  });

  it('only looks with --dry-run', async (t) => {
    const { folder, git, releaseIt } = await createProject(t);
    assert.deepEqual(releaseIt('1.2.0', '--dry-run'), { code: 0, printed: '1.2.0 can be released\n' });
    assert.equal(git('tag'), '');
    assert.equal(existsSync(join(folder, 'release')), false);
  });

  for (const [what, changes, message] of STALE) {
    it(`refuses ${what}`, async (t) => {
      const { git, releaseIt } = await createProject(t, changes);
      const { code, printed } = releaseIt('1.2.0');
      assert.equal(code, 1, printed);
      assert.match(printed, message);
      assert.equal(git('tag'), '');
    });
  }

  it('names all that is stale at once, a change that is not committed too', async (t) => {
    const { folder, write, releaseIt } = await createProject(t, { 'page.md': 'made of 0\n' });
    write({ 'new.txt': 'x', 'check.js': 'process.exit(1);' });
    rmSync(join(folder, 'deploy.yaml'));
    write({ 'deploy.yaml': 'tag: 9.9.9\n' });
    const { printed } = releaseIt('1.2.0', '--dry-run');
    const subjects = [...printed.matchAll(/^- (\w+):/gm)].map(([, subject]) => subject);
    assert.deepEqual(subjects, ['tree', 'version', 'generated', 'check']);
    assert.match(printed, /\?\? new\.txt/);
  });

  for (const args of [[], ['v1.2.0'], ['1.2'], ['01.2.0'], ['1.2.0', '1.3.0'], ['1.2.0', '--force']]) {
    it(`says what it expects instead of ${JSON.stringify(args.join(' '))}`, async (t) => {
      const { releaseIt } = await createProject(t);
      const { code, printed } = releaseIt(...args);
      assert.equal(code, 2);
      assert.match(printed, /^expected a version such as 0\.2\.0; got .+\nusage: /);
    });
  }
});
