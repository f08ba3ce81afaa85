import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** What `promtool check metrics` has against our own metrics in an exposition; throws when it cannot parse it. */
export async function checkMetrics(exposition: string): Promise<string[]> {
  const child = spawn('promtool', ['check', 'metrics']);
  child.stdin.end(exposition);
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  if (code !== 0 && code !== 3) throw new Error(`promtool cannot parse the exposition: ${output}${errors}`);
  return `${output}${errors}`.split('\n').filter((line) => line.startsWith('asdlc_'));
}
