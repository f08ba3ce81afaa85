#!/usr/bin/env node
import { runLint } from './testing/lint-command.ts';

/* The program `metrics-lint`: `node src/infrastructure/metrics/metrics-lint.ts --help`. */

// Not process.exit: output to a pipe may still be under way.
void runLint(process.argv.slice(2), process).then((code) => {
  process.exitCode = code;
});
