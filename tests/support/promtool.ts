import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runLint } from '../../src/infrastructure/metrics/testing/lint-command.ts';

/** The complaints of `promtool check metrics` about our own metrics. Throws when it cannot parse the exposition. */
export async function checkMetrics(exposition: string): Promise<string[]> {
  const child = spawn('promtool', ['check', 'metrics']);
  child.stdin.end(exposition);
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  if (code !== 0 && code !== 3)
    throw new Error(`expected an exposition that promtool can parse; got ${output}${errors}`);
  return `${output}${errors}`.split('\n').filter((line) => line.startsWith('asdlc_'));
}

/** What `metrics-lint` says of both formats of a service's metrics. The client chose the names that it ignores. */
export async function lintFindings(url: string): Promise<string[]> {
  let output = '';
  const write = (part: string) => {
    output += part;
  };
  const args = ['--ignore-names', 'nodejs_', '--ignore-names', 'process_', url];
  await runLint(args, { stdin: Readable.from([]), stdout: { write }, stderr: { write } });
  return output.split('\n').filter((line) => line !== '');
}
