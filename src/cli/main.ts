#!/usr/bin/env node
// Older versions can read this file: they say what is wrong, and do not fail in the middle of another one.
const version = process.versions.node;
if (Number(version.split('.')[0]) < 24) {
  process.stderr.write(`asdlc: expected Node 24 or newer; got ${version}. Install it: https://nodejs.org/\n`);
  process.exit(2);
}
const { runCli } = await import('./run-cli.ts');
const exitCode = await runCli(process.argv.slice(2));
// Not process.exit: output to a pipe may still be under way, and a service goes on.
if (exitCode !== undefined) process.exitCode = exitCode;

export {};
