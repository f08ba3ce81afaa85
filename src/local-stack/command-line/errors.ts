import { AsdlcError } from '../../shared/errors.ts';

/** Reasons why the local stack does not start or ends. The terminal shows the message alone, without a stack trace. */
const stackError = (code: string) => (message: string) => new AsdlcError(code, 500, message);

export const optionInvalid = stackError('ASDLC_OPTION_INVALID');
export const folderUnusable = stackError('ASDLC_FOLDER_UNUSABLE');
export const portTaken = stackError('ASDLC_PORT_TAKEN');
export const programMissing = stackError('ASDLC_PROGRAM_MISSING');
export const notReady = stackError('ASDLC_NOT_READY');
export const processDied = stackError('ASDLC_PROCESS_DIED');

/** The user stopped the stack: exit code 0. */
export const interrupted = () => stackError('ASDLC_INTERRUPTED')('The user stopped the local stack.');

/** Whether an error of the file system says that there is no space, or that the quota of the user is used up. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(String((error as NodeJS.ErrnoException).code));
}
