import { AsdlcError } from '../shared/errors.ts';

/** What keeps the local stack from starting or running: each is one clear line for the terminal. */
const startError = (code: string) => (message: string) => new AsdlcError(code, 500, message);

export const optionInvalid = startError('ASDLC_OPTION_INVALID');
export const folderUnusable = startError('ASDLC_FOLDER_UNUSABLE');
export const portTaken = startError('ASDLC_PORT_TAKEN');
export const programMissing = startError('ASDLC_PROGRAM_MISSING');
export const notReady = startError('ASDLC_NOT_READY');
export const processDied = startError('ASDLC_PROCESS_DIED');

/** Not an error of anything: the user asked for the end. */
export const interrupted = startError('ASDLC_INTERRUPTED');
