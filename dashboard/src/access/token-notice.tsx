import './token-notice.css';
import { isTokenDeclined } from '../api/token.ts';
import { refreshAll } from '../api/use-live-data.ts';
import { Button } from '../ui/buttons/button.tsx';

/** On every page after the operator declined to give a token: why nothing is shown, and how to go on. */
export function TokenNotice() {
  if (!isTokenDeclined.value) return null;
  return (
    <aside class="token-notice" aria-label="API token">
      <p>This API needs a token. Nothing can be shown before you enter it.</p>
      <Button icon="key" onClick={refreshAll}>
        Enter the API token
      </Button>
    </aside>
  );
}
