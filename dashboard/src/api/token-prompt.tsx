import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { type TokenRequest, tokenRequest } from './token.ts';

/** Asks for the API token when a request was answered 401. */
export function TokenPrompt() {
  const request = tokenRequest.value;
  return request === null ? null : <TokenDialog request={request} />;
}

function TokenDialog({ request }: { readonly request: TokenRequest }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <Dialog title="This API needs a token" onClose={() => request.answer(null)}>
      <form
        class="token-form"
        onSubmit={(event) => {
          event.preventDefault();
          const token = input.current?.value.trim() ?? '';
          if (token !== '') request.answer(token);
        }}
      >
        <p>
          The orchestrator was started with <code>API_TOKEN</code>. The token is kept in this tab until it is
          closed, and sent to this server alone.
        </p>
        <label class="field">
          Token
          <input
            ref={input}
            type="password"
            name="token"
            autocomplete="off"
            required
            aria-invalid={request.isRefused}
            aria-describedby="token-refused"
          />
        </label>
        <p id="token-refused" class="field-error" role="alert">
          {request.isRefused && 'That token was refused.'}
        </p>
        <div class="form-actions">
          <Button onClick={() => request.answer(null)}>Not now</Button>
          <Button kind="primary" type="submit">
            Use token
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
