import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

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
