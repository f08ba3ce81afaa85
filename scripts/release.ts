import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeRelease } from './release/artifacts.ts';
import { RELEASE_PLAN, type ReleasePlan } from './release/plan.ts';
import { isVersion, releaseProblems } from './release/problems.ts';

/*
 * Makes a release, and publishes nothing: `npm run release -- VERSION [--dry-run]`. It refuses with a list of all that is
 * stale. Otherwise it writes the tarballs and the SBOM to release/, and tags the commit; with --dry-run it only looks.
 */

const USAGE = 'usage: npm run release -- VERSION [--dry-run]\n';

/** Returns the exit code: 0 when it is made or may be, 1 when something is stale, 2 for wrong arguments. */
export function release(
  folder: string,
  args: readonly string[],
  plan: ReleasePlan,
  print: (text: string) => void,
): number {
  const { version, isDry } = argumentsOf(args);
  if (version === undefined || !isVersion(version)) {
    print(`expected a version such as 0.2.0; got ${version ?? 'none'}\n${USAGE}`);
    return 2;
  }
  const problems = releaseProblems(folder, version, plan);
  if (problems.length > 0) {
    print(`${version} cannot be released:\n\n- ${problems.join('\n- ').replaceAll(/\n(?!- )/g, '\n  ')}\n`);
    return 1;
  }
  if (isDry) {
    print(`${version} can be released\n`);
    return 0;
  }
  const files = makeRelease(folder, version, plan);
  print(`tagged v${version}; wrote to release/:\n${files.map((file) => `  ${file}\n`).join('')}`);
  return 0;
}

function argumentsOf(args: readonly string[]): { version?: string | undefined; isDry: boolean } {
  const options = { 'dry-run': { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [version, ...more] = positionals;
    return { version: more.length > 0 ? positionals.join(' ') : version, isDry: values['dry-run'] ?? false };
  } catch (error) {
    return { version: (error as Error).message, isDry: true }; // as parseArgs throws
  }
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '..');
  process.exitCode = release(folder, process.argv.slice(2), RELEASE_PLAN, (text) =>
    process.stdout.write(text),
  );
}
