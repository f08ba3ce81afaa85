import { AsdlcError } from '../shared/errors.ts';

/** What `asdlc` exits with. docs/cli.md has the same table. */
export const EXIT = {
  done: 0,
  /** The orchestrator refused, a check found something, or another failure. */
  failed: 1,
  usage: 2,
  /** No answer, or one that says "not now". */
  unavailable: 3,
  notFound: 4,
  /** `--follow` saw the task end dead. */
  taskDead: 5,
} as const;

const USAGE_CODES = ['ASDLC_OPTION_INVALID', 'ASDLC_CONFIG_INVALID'];
const UNAVAILABLE_CODES = ['ASDLC_NO_RESPONSE', 'ASDLC_RESPONSE_INVALID'];

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof AsdlcError)) return EXIT.failed;
  if (USAGE_CODES.includes(error.code)) return EXIT.usage;
  if (UNAVAILABLE_CODES.includes(error.code) || error.statusCode >= 502) return EXIT.unavailable;
  return error.code === 'ASDLC_NOT_FOUND' ? EXIT.notFound : EXIT.failed;
}

/** The user called the command in a way that it does not have. */
export function optionInvalid(message: string): AsdlcError {
  return new AsdlcError('ASDLC_OPTION_INVALID', 500, message);
}
