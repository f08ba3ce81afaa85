import { jsonEscape, visibleJson } from '../format/visible-text.ts';

/** Linux takes no longer argument than 128 KiB. */
const MAX_ARGUMENT_BYTES = 100 * 1024;

export interface CurlOptions {
  /** Where the API is. */
  readonly origin: string;
  readonly needsToken: boolean;
}

/**
 * Returns a command for a shell that submits a task. It reads the token, where one is needed, from ASDLC_TOKEN.
 *
 * The body goes between apostrophes, or into a here-document if it is long. Apostrophes, and `!`, which shells may expand
 * where people type, stand in strings of JSON alone: there they can be escapes.
 */
export function formatCurl(task: object, { origin, needsToken }: CurlOptions): string {
  const body = visibleJson(JSON.stringify(task)).replace(/['!]/g, jsonEscape);
  const isLong = new Blob([body]).size > MAX_ARGUMENT_BYTES;
  return [
    `curl '${origin}/api/tasks'`,
    ...(needsToken ? ['-H "authorization: Bearer $ASDLC_TOKEN"'] : []),
    "-H 'content-type: application/json'",
    isLong ? `--data-binary @- <<'END'\n${body}\nEND\n` : `-d '${body}'`,
  ].join(' \\\n  ');
}
