import type { ComponentChildren } from 'preact';
import { access, type Scope } from '../api/access.ts';
import { forgetToken } from '../api/token.ts';
import { refreshAll } from '../api/use-live-data.ts';
import { Button } from '../ui/buttons/button.tsx';
import { EmptyState } from '../ui/status/empty-state.tsx';

export interface MissingScopeProps {
  readonly scope: Scope;
  readonly children?: ComponentChildren;
}

/** In the place of what the token may not see. */
export function MissingScope({ scope, children }: MissingScopeProps) {
  return (
    <EmptyState icon="key" title={`This needs the scope ${scope}`}>
      <p>The token {access.value?.name} does not have it.</p>
      {children}
      <Button
        onClick={() => {
          forgetToken();
          refreshAll();
        }}
      >
        Use another token
      </Button>
    </EmptyState>
  );
}
