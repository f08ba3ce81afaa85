import { nearestName } from '../../shared/nearest-name.ts';
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
ASDLC_DATA_DIR                   folder for data and logs (default: .asdlc)
ASDLC_YES=1                      installs missing programs without a question
ASDLC_NO_APT=1                   never installs programs with apt`;

const NAMES = ['--demo', '--help', '-h'];

/**
 * Throws ASDLC_OPTION_INVALID for an unknown option. `isNpmOption` says whether npm took an option for itself, as it
 * does with that of `npm start --demo`.
 */
export function parseOptions(args: readonly string[], isNpmOption: (name: string) => boolean): Options {
  const unknown = args.find((arg) => !NAMES.includes(arg));
  if (unknown !== undefined) {
    const nearest = nearestName(unknown.replace(/=.*/s, ''), NAMES.slice(0, 2));
    const hint = nearest === undefined ? '' : `. Did you mean ${nearest}?`;
    throw optionInvalid(`Expected --demo, --help or no option; got ${unknown}${hint}`);
  }
  return {
    demo: args.includes('--demo') || isNpmOption('demo'),
    help: args.includes('--help') || args.includes('-h'),
  };
}
