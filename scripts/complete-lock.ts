import { readFileSync, writeFileSync } from 'node:fs';

/*
 * Adds to package-lock.json the optional packages of other platforms that npm left out, because the registry it
 * asked did not have them: `npm ci` refuses a lock without them, on every platform. To be run after `npm install`.
 */

interface LockedPackage {
  version?: string;
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

/** How such packages are named: `…-linux-arm64-musl`. */
const PLATFORM =
  /(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|x64|ia32|ppc64|s390x|riscv64)(?:-?(gnu|musl|msvc|eabi|gnueabihf|musleabihf))?$/;

/** The lock's packages by path, with each optional dependency that is missing. */
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

if (import.meta.main) {
  const path = new URL('../package-lock.json', import.meta.url);
  const lock = JSON.parse(readFileSync(path, 'utf8')) as Lock; // npm's own format, version 3
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: complete(lock) }, null, 2)}\n`);
}
