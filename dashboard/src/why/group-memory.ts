import type { ErrorGroups } from '../../../src/shared/http-contract/errors.ts';
import { currentToken } from '../api/token.ts';
import { type SeenGroup, withGroups } from './seen-groups.ts';

let memory: { readonly token: string | null; readonly groups: readonly SeenGroup[] } = {
  token: null,
  groups: [],
};

/** Remembers the groups of an answer, and returns all that this tab saw with the same token. */
export function rememberGroups(answer: ErrorGroups, { ofAll }: { readonly ofAll: boolean }) {
  const token = currentToken();
  const seen = memory.token === token ? memory.groups : [];
  memory = { token, groups: withGroups(seen, answer, ofAll) };
  return memory.groups;
}
