import { signal } from '@preact/signals';
import type { AccessReport } from '../../../src/shared/http-contract/access.ts';

export type Scope = AccessReport['scopes'][number];

/** What the token of this page may do; undefined until the API has said it. */
export const access = signal<AccessReport | undefined>(undefined);

/** Whether the token is known not to have the scope. While nothing is known, the page shows what it shows to everybody. */
export function lacks(scope: Scope): boolean {
  return access.value?.scopes.includes(scope) === false;
}

/** What a request that reads needs. */
export function scopeToRead(path: string): Scope | undefined {
  if (path.startsWith('/api/metrics/')) return 'metrics:read';
  return /^\/api\/(tasks|errors|events|queue|workers|event-types)/.test(path) ? 'tasks:read' : undefined;
}
