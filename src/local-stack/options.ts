import { parseArgs } from 'node:util';
import { optionInvalid } from './errors.ts';

export interface Options {
  readonly demo: boolean;
  readonly help: boolean;
}

export const usage = `Starts Redis, VictoriaMetrics, the orchestrator and the workers on this machine.

usage: npm start [-- --demo]

  --demo   adds a load generator and the handlers it needs, so that the charts move
  --help   prints this

REDIS_URL, VICTORIAMETRICS_URL   use these servers, and start none
ORCHESTRATOR_PORT, WORKERS_PORT  8080 and 8081 unless set
ASDLC_DATA_DIR                   where data and logs are kept: .asdlc unless set`;

/** Throws ASDLC_OPTION_INVALID for an option it does not know. */
export function parseOptions(args: readonly string[]): Options {
  const options = { demo: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
    return { demo: values.demo ?? false, help: values.help ?? false };
  } catch {
    throw optionInvalid(`Expected --demo, --help or nothing; got ${args.join(' ')}`);
  }
}
