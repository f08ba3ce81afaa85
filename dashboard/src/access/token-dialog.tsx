import './token-dialog.css';
import { useState } from 'preact/hooks';
import type { TokenRequest } from '../api/token.ts';
import { tokenError } from '../api/token-error.ts';
import { Button } from '../ui/buttons/button.tsx';
import { Dialog } from '../ui/dialogs/dialog.tsx';
import { Field, FieldError, FormActions } from '../ui/forms/form.tsx';

export interface TokenDialogProps {
  readonly request: TokenRequest;
  readonly onClose: () => void;
}

/** Asks for the API token. */
export function TokenDialog({ request, onClose }: TokenDialogProps) {
  const [text, setText] = useState('');
  const [error, setError] = useState(request.isRefused ? 'The API refused that token.' : '');
  const submit = (event: Event) => {
    event.preventDefault();
    const token = text.trim();
    const wrong = tokenError(token);
    if (wrong === undefined) request.answer(token);
    else setError(wrong);
  };
  return (
    <Dialog title="This API needs a token" onClose={onClose}>
      <form class="token-form" noValidate onSubmit={submit}>
        <p>This tab keeps the token until you close it, and sends it to this server only.</p>
        <Field>
          Token
          <input
            type="password"
            name="token"
            autocomplete="off"
            required
            value={text}
            aria-invalid={error !== ''}
            aria-describedby="token-error"
            onInput={(event) => {
              setText(event.currentTarget.value);
              setError('');
            }}
          />
        </Field>
        <FieldError id="token-error" isAlert>
          {error}
        </FieldError>
        <FormActions>
          <Button onClick={onClose}>Not now</Button>
          <Button kind="primary" type="submit">
            Use token
          </Button>
        </FormActions>
      </form>
    </Dialog>
  );
}
