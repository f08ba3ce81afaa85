import type { ErrorObject } from 'ajv';
import { type Static, Type } from 'typebox';
import { parse } from 'yaml';
import { compileSchema } from '../../compile-schema.ts';
import { configInvalid } from '../../errors.ts';
import { type FileListeners, followFile, readFollowed, readFollowedNow } from '../followed-file.ts';
import { describeSchemaError } from '../schema-errors.ts';
import { SCOPES, type Token } from './tokens.ts';

/*
 * The tokens of API_TOKENS_FILE:
 *
 *   tokens:
 *     - name: grafana
 *       sha256: 5e88…        # printf %s "$TOKEN" | sha256sum
 *       scopes: [metrics:read]
 *       labels: { service: asdlc-workers }
 */

const SHA256 = '^[0-9a-f]{64}$';
const NAME = '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$';
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

const TokenEntry = Type.Object(
  {
    name: Type.String({ pattern: NAME, description: 'a name of up to 64 letters, digits, _ . -' }),
    sha256: Type.String({ pattern: SHA256, description: "64 hexadecimal digits: the token's SHA-256" }),
    scopes: Type.Array(Type.Enum([...SCOPES]), {
      minItems: 1,
      description: `a list of ${SCOPES.join(', ')}`,
    }),
    labels: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 256 }), {
        description: 'label names with their values',
      }),
    ),
  },
  { additionalProperties: false, description: 'an object with name, sha256, scopes and, if wanted, labels' },
);
const TokenFile = Type.Object(
  { tokens: Type.Array(TokenEntry, { minItems: 1, description: 'a list of tokens' }) },
  { additionalProperties: false, description: 'an object with tokens' },
);

const isTokenFile = compileSchema<Static<typeof TokenFile>>(TokenFile);

/** The tokens in a file's text. Throws ASDLC_CONFIG_INVALID that names the place, and never shows a hash. */
export function parseTokens(text: string, path: string): Token[] {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw invalid(
      path,
      `expected YAML; got a text that is not: ${(error as Error).message.split('\n', 1)[0]}`,
    );
  }
  if (!isTokenFile(content)) throw invalid(path, describeFirst(isTokenFile.errors ?? []));
  const tokens = content.tokens.map(toToken);
  for (const [what, values] of [
    ['name', tokens.map(({ name }) => name)],
    ['sha256', tokens.map(({ digest }) => digest.toString('hex'))],
  ] as const) {
    const at = values.findIndex((value, index) => values.indexOf(value) < index);
    if (at !== -1)
      throw invalid(path, `tokens.${at}.${what}: expected one of its own; another token has the same`);
  }
  for (const [index, { labels }] of tokens.entries()) {
    const wrong = Object.keys(labels).find((name) => !LABEL_NAME.test(name));
    if (wrong !== undefined) {
      throw invalid(
        path,
        `tokens.${index}.labels: expected label names such as service; got ${JSON.stringify(wrong)}`,
      );
    }
  }
  return tokens;
}

/**
 * Returns the tokens of a file, and what ends the watch for changes of it. Throws as `parseTokens` does, and when the
 * file cannot be read.
 */
export function followTokens(
  path: string,
  listeners: FileListeners<Token[]>,
): { readonly tokens: Token[]; readonly stop: () => void } {
  let text: string;
  try {
    text = readFollowedNow(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  const tokens = parseTokens(text, path);
  const readAgain = async () =>
    parseTokens(
      await readFollowed(path).catch((error: unknown) => {
        throw unreadable(path, error);
      }),
      path,
    );
  return { tokens, stop: followFile(tokens, readAgain, listeners) };
}

function unreadable(path: string, error: unknown) {
  return invalid(path, `expected a file that can be read; got ${(error as NodeJS.ErrnoException).code}`);
}

function toToken({ name, sha256, scopes, labels = {} }: Static<typeof TokenEntry>): Token {
  return { name, digest: Buffer.from(sha256, 'hex'), scopes, labels };
}

/** A hash is a secret that could be guessed at: what came instead of one is not shown. */
function describeFirst([error]: readonly ErrorObject[]): string {
  if (error === undefined) return 'expected an object with tokens';
  const shown = error.instancePath.endsWith('/sha256') ? { ...error, data: 'another text' } : error;
  return describeSchemaError(shown, 'file');
}

function invalid(path: string, problem: string) {
  return configInvalid([`API_TOKENS_FILE (${path}): ${problem}`]);
}
