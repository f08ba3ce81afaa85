import { parseArgs } from 'node:util';
import { optionInvalid } from './errors.ts';

export interface Options {
  readonly demo: boolean;
  readonly help: boolean;
}

export const usage = `Starts Redis, VictoriaMetrics, the orchestrator and the workers on this machine.

usage: npm start [-- --demo]

  --demo      also starts a program that submits tasks, so that the charts move
  -h, --help  prints this text

REDIS_URL, VICTORIAMETRICS_URL   addresses of servers of yours, to be used instead of new ones
ORCHESTRATOR_PORT, WORKERS_PORT  ports of the two services (default: 8080 and 8081)
ASDLC_DATA_DIR                   folder for data and logs (default: .asdlc)`;

/** Throws ASDLC_OPTION_INVALID for an unknown option. */
export function parseOptions(args: readonly string[]): Options {
  const options = { demo: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
    return { demo: values.demo ?? false, help: values.help ?? false };
  } catch {
    throw optionInvalid(`Expected --demo, --help or no option; got ${args.join(' ')}`);
  }
}
