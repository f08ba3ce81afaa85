import './token-notice.css';
import { isTokenDeclined } from '../api/token.ts';
import { refreshAll } from '../api/use-live-data.ts';
import { Button } from '../ui/buttons/button.tsx';

/** On every page while the token is declined: why there is nothing, and the way back. */
export function TokenNotice() {
  if (!isTokenDeclined.value) return null;
  return (
    <aside class="token-notice" aria-label="API token">
      <p>This API needs a token. Until it is given, nothing can be shown.</p>
      <Button icon="key" onClick={refreshAll}>
        Enter the API token
      </Button>
    </aside>
  );
}
