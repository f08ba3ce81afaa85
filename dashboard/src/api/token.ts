import { signal } from '@preact/signals';

/** The API token: asked for once when the API wants one, and kept for this tab's session only. */

const KEY = 'asdlc.api-token';

export interface TokenRequest {
  /** Whether a token was sent and refused. */
  readonly isRefused: boolean;
  readonly answer: (token: string | null) => void;
}

/** Set while the operator is being asked. */
export const tokenRequest = signal<TokenRequest | null>(null);
/** Whether the operator declined: requests then fail until the prompt is opened by hand. */
export const isTokenDeclined = signal(false);

let asking: Promise<string | null> | undefined;

export function currentToken(): string | null {
  return window.sessionStorage.getItem(KEY);
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
    if (token !== null) window.sessionStorage.setItem(KEY, token);
    return token;
  });
  return asking;
}

/** Lets the next request that needs a token ask again. */
export function forgetDecline(): void {
  isTokenDeclined.value = false;
}
