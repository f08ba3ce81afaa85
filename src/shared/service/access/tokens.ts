import { createHash } from 'node:crypto';

/** What a token may do. */
export const SCOPES = ['metrics:read', 'tasks:read', 'tasks:write', 'queue:admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who sent a request, as far as its token says. */
export interface Caller {
  /** The token's name; `anonymous` where no token is configured. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Labels that every query of this caller is restricted to. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Token extends Caller {
  /** SHA-256 of the token's text. */
  readonly digest: Buffer;
}

/** The caller where no token is configured: whoever reaches the port may do everything. */
export const ANONYMOUS: Caller = { name: 'anonymous', scopes: SCOPES, labels: {} };

export function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** A token with all scopes, as `API_TOKEN` is. */
export function fullToken(name: string, text: string): Token {
  return { name, digest: digestOf(text), scopes: SCOPES, labels: {} };
}
