import { signal } from '@preact/signals';
import { tokenError } from './token-error.ts';

/** The API token: the page asks for it when the API wants one, and keeps it for the session of this tab only. */

const KEY = 'asdlc.api-token';

export interface TokenRequest {
  /** Whether the API has refused a token. */
  readonly isRefused: boolean;
  readonly answer: (token: string | null) => void;
}

/** Set while the dialog asks the operator for the token. */
export const tokenRequest = signal<TokenRequest | null>(null);
/** Whether the operator declined. Requests then fail until the operator starts one by hand. */
export const isTokenDeclined = signal(false);

let asking: Promise<string | null> | undefined;
/** A token that the API has not accepted yet: requests send it, and nothing stores it. */
let given: string | null = null;

export function currentToken(): string | null {
  if (given !== null) return given;
  const kept = window.sessionStorage.getItem(KEY);
  return kept !== null && tokenError(kept) === undefined ? kept : null;
}

/** Asks the operator for a token; all requests that wait share one dialog. Returns null if the operator declines. */
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

/** Keeps a token for the session. Call it when the API has accepted the token. */
export function keepToken(token: string): void {
  if (token !== given) return;
  window.sessionStorage.setItem(KEY, token);
  given = null;
}

/** Lets the operator enter another token. */
export function forgetToken(): void {
  window.sessionStorage.removeItem(KEY);
  given = null;
}

/** Lets the next request that needs a token ask again. Call it when the operator starts a request by hand. */
export function forgetDecline(): void {
  isTokenDeclined.value = false;
}
