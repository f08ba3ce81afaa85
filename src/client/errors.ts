import { AsdlcError } from '../shared/errors.ts';

/* Errors that the client makes itself. No answer of the orchestrator belongs to them: their status is 0. */

/** No answer came: the address is wrong, the orchestrator is away, or it took too long. */
export function noResponse(url: string, reason: string, cause?: unknown): AsdlcError {
  return new AsdlcError('ASDLC_NO_RESPONSE', 0, `Expected an answer from ${url}; got none: ${reason}`, {
    cause,
  });
}

/** Something answered that is not the orchestrator, such as a proxy. */
export function responseInvalid(url: string, status: number, text: string): AsdlcError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return new AsdlcError(
    'ASDLC_RESPONSE_INVALID',
    status,
    `Expected JSON of an asdlc orchestrator from ${url}; got status ${status} with ${JSON.stringify(shown)}`,
  );
}

export function waitTimeout(id: string, status: string, seconds: number): AsdlcError {
  return new AsdlcError(
    'ASDLC_WAIT_TIMEOUT',
    0,
    `Expected task ${id} to end within ${seconds} s; it is ${status}`,
  );
}
