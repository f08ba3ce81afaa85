import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { output, run } from './commands.ts';
import { hashOfFile } from './file-hash.ts';
import { readPacked } from './packed-files.ts';
import type { ReleasePackage, ReleasePlan } from './plan.ts';

const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

export function isVersion(text: string): boolean {
  return SEMVER.test(text);
}

/** All that is stale: what a release of this version would ship wrong. Empty when it may be made. */
export function releaseProblems(folder: string, version: string, plan: ReleasePlan): string[] {
  return [
    ...treeProblems(folder),
    ...tagProblems(folder, version),
    ...versionProblems(folder, version, plan),
    ...plan.packages.flatMap((each) => changelogProblems(folder, version, each)),
    ...generatorProblems(folder, plan),
    ...plan.packages.flatMap((each) => contentProblems(folder, each)),
    ...checkProblems(folder, plan),
  ];
}

function treeProblems(folder: string): string[] {
  const changed = output(folder, 'git', ['status', '--porcelain']).trimEnd();
  return changed === '' ? [] : [`tree: expected every change to be committed; got\n${changed}`];
}

function tagProblems(folder: string, version: string): string[] {
  const tag = output(folder, 'git', ['tag', '--list', `v${version}`]).trim();
  return tag === '' ? [] : [`tag: expected no ${tag} yet; got one: give the release a new version`];
}

function versionProblems(folder: string, version: string, { packages, versions }: ReleasePlan): string[] {
  const places = [
    ...packages.map((each) => ({
      file: join(each.folder, 'package.json'),
      pattern: /^ {2}"version": "(.+)"/m,
    })),
    ...versions,
  ];
  return places.flatMap(({ file, pattern }) => {
    const found = pattern.exec(readFileSync(join(folder, file), 'utf8'))?.[1];
    return found === version ? [] : [`version: expected ${version} in ${file}; got ${found ?? 'none'}`];
  });
}

function changelogProblems(folder: string, version: string, each: ReleasePackage): string[] {
  const file = join(each.folder, 'CHANGELOG.md');
  const sections = readFileSync(join(folder, file), 'utf8').split(/^## /m).slice(1);
  const textOf = (name: string) => sections.find((section) => section.startsWith(`[${name}]`));
  const [heading, ...lines] = (textOf(version) ?? '').split('\n');
  const problems = [];
  const date = /^\[[^\]]+\] - (\d{4}-\d{2}-\d{2})$/.exec(heading ?? '')?.[1];
  if (date === undefined || Number.isNaN(Date.parse(date))) {
    const expected = `the heading "## [${version}] - YYYY-MM-DD" in ${file}`;
    problems.push(`changelog: expected ${expected}; got ${heading ? `"## ${heading}"` : 'none'}`);
  } else if (lines.join('').trim() === '') {
    problems.push(`changelog: expected entries under ${version} in ${file}; got none`);
  }
  const unreleased = (textOf('Unreleased') ?? '').split('\n').filter((line) => line.startsWith('- '));
  if (unreleased.length > 0) {
    const got = `${unreleased.length} under [Unreleased]`;
    problems.push(`changelog: expected all entries of ${file} under ${version}; got ${got}`);
  }
  return problems;
}

/** Hashes of the files that differ from the last commit, or that it does not have, by path. */
function changedFiles(folder: string): Map<string, string> {
  const args = ['ls-files', '-z', '--modified', '--others', '--exclude-standard'];
  const paths = output(folder, 'git', args).split('\0').filter(Boolean);
  const hashOf = (path: string) => (existsSync(path) ? hashOfFile(path) : 'removed');
  return new Map(paths.map((path) => [path, hashOf(join(folder, path))]));
}

function generatorProblems(folder: string, { generators }: ReleasePlan): string[] {
  const before = changedFiles(folder);
  const failed = generators.flatMap((script) => {
    const { isOk, tail } = run(folder, process.execPath, [script]);
    return isOk ? [] : [`generated: expected ${script} to run; got\n${tail}`];
  });
  const stale = [...changedFiles(folder)].filter(([path, hash]) => before.get(path) !== hash);
  return [
    ...failed,
    ...stale.map(
      ([path]) => `generated: ${path} was stale, and has been written again: look at it, and commit it`,
    ),
  ];
}

function contentProblems(folder: string, { folder: place, contents, required }: ReleasePackage): string[] {
  const packed = run(join(folder, place), 'npm', ['pack', '--dry-run', '--json']);
  if (!packed.isOk) return [`package: expected npm pack to pass in ${place}; got\n${packed.tail}`];
  const { paths } = readPacked(packed.stdout);
  return [
    ...paths
      .filter((path) => !contents.test(path))
      .map((path) => `package: unexpected ${path} in that of ${place}`),
    ...required
      .filter((path) => !paths.includes(path))
      .map((path) => `package: expected ${path} in that of ${place}; got none`),
  ];
}

function checkProblems(folder: string, { check }: ReleasePlan): string[] {
  const { isOk, tail } = run(folder, 'npm', ['run', check]);
  return isOk ? [] : [`check: expected npm run ${check} to pass; got\n${tail}`];
}
