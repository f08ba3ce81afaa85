import { signal } from '@preact/signals';
import { tokenError } from './token-error.ts';

/** The API token: asked for once when the API wants one, and kept for this tab's session only. */

const KEY = 'asdlc.api-token';

export interface TokenRequest {
  /** Whether a token was sent and refused. */
  readonly isRefused: boolean;
  readonly answer: (token: string | null) => void;
}

/** Set while the operator is being asked. */
export const tokenRequest = signal<TokenRequest | null>(null);
/** Whether the operator declined: requests then fail until the operator asks for something by hand. */
export const isTokenDeclined = signal(false);

let asking: Promise<string | null> | undefined;
/** Given, but not accepted by the API yet: it is sent, and not stored. */
let given: string | null = null;

export function currentToken(): string | null {
  if (given !== null) return given;
  const kept = window.sessionStorage.getItem(KEY);
  return kept !== null && tokenError(kept) === undefined ? kept : null;
}

/** Asks for a token; all requests that wait share one prompt. Null when declined. */
export function askToken(refused: string | null): Promise<string | null> {
  const current = currentToken();
  if (current !== null && current !== refused) return Promise.resolve(current);
  if (isTokenDeclined.value) return Promise.resolve(null);
  asking ??= new Promise<string | null>((resolve) => {
    tokenRequest.value = { isRefused: refused !== null, answer: resolve };
  }).then((token) => {
    tokenRequest.value = null;
    asking = undefined;
    isTokenDeclined.value = token === null;
    given = token;
    return token;
  });
  return asking;
}

/** Keeps a token for the session: call it when the API has accepted it. */
export function keepToken(token: string): void {
  if (token !== given) return;
  window.sessionStorage.setItem(KEY, token);
  given = null;
}

/** Lets the next request that needs a token ask again: call it for what the operator does by hand. */
export function forgetDecline(): void {
  isTokenDeclined.value = false;
}
