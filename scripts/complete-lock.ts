import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/*
 * Adds optional packages of other platforms to package-lock.json, each with its hash. npm leaves out those that it
 * cannot install here, and then `npm ci` refuses the lock file on every platform. Run it after `npm install`.
 */

interface LockedPackage {
  version?: string;
  integrity?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

interface Lock {
  packages: Record<string, LockedPackage>;
}

/** The names of such packages end like this: `-linux-arm64-musl`. */
const PLATFORM =
  /(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|x64|ia32|ppc64|s390x|riscv64)(?:-?(gnu|musl|msvc|eabi|gnueabihf|musleabihf))?$/;

/** Returns the packages of the lock file by path, with the missing optional dependencies added. */
export function complete({ packages }: Lock): Record<string, LockedPackage> {
  const all = { ...packages };
  for (const { dev, optionalDependencies = {} } of Object.values(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const [, os, cpu, libc] = PLATFORM.exec(name) ?? [];
      if (os === undefined || cpu === undefined) continue;
      all[`node_modules/${name}`] ??= {
        version,
        cpu: [cpu],
        ...(dev && { dev }),
        ...(libc === 'musl' && { libc: ['musl'] }),
        optional: true,
        os: [os],
      };
    }
  }
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Returns the packages with the hash that the registry has of each, where npm did not note it. */
function withHashes(packages: Record<string, LockedPackage>): Record<string, LockedPackage> {
  const entries = Object.entries(packages).map(([path, { version, integrity, ...rest }]) => {
    if (path === '' || integrity !== undefined || version === undefined) return [path, packages[path]];
    const name = `${path.split('node_modules/').at(-1)}@${version}`;
    const hash = execFileSync('npm', ['view', name, 'dist.integrity'], { encoding: 'utf8' }).trim();
    return [path, { version, integrity: hash, ...rest }];
  });
  return Object.fromEntries(entries);
}

if (import.meta.main) {
  const path = new URL('../package-lock.json', import.meta.url);
  const lock = JSON.parse(readFileSync(path, 'utf8')) as Lock; // npm's format, version 3
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: withHashes(complete(lock)) }, null, 2)}\n`);
}
