import { tokenRequest } from '../api/token.ts';
import { lazyDialog } from '../lazy/lazy-dialog.tsx';

const TokenDialog = lazyDialog(() => import('./token-dialog.tsx').then(({ TokenDialog }) => TokenDialog));

/** Asks for the API token after a request got a 401. */
export function TokenPrompt() {
  const request = tokenRequest.value;
  return request === null ? null : <TokenDialog request={request} onClose={() => request.answer(null)} />;
}
