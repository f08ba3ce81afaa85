import type { Logger } from '../logging.ts';
import { AccessControl } from './access-control.ts';
import { followTokens } from './token-file.ts';
import { fullToken, type Token } from './tokens.ts';
import { WrongTokenLimit } from './wrong-token-limit.ts';

export interface AccessConfig {
  readonly API_TOKEN?: string;
  readonly API_TOKENS_FILE?: string;
  readonly METRICS_TOKEN?: string;
}

/** Who may do what in one process. */
export interface Access {
  /** Guards the API by API_TOKEN and API_TOKENS_FILE; open to all without both. */
  readonly api: AccessControl;
  /** Guards `/metrics` and `/stats` by METRICS_TOKEN and the API's tokens; open to all without METRICS_TOKEN. */
  readonly metrics: AccessControl;
  close(): void;
}

/** `/metrics` has all series of the process: a token that is restricted to some labels may not read it. */
function withoutScrapes(token: Token): Token {
  const isRestricted = Object.keys(token.labels).length > 0;
  return isRestricted
    ? { ...token, scopes: token.scopes.filter((scope) => scope !== 'metrics:read') }
    : token;
}

/** Throws ASDLC_CONFIG_INVALID for a token file that cannot be used. Later changes of the file take effect at once. */
export function createAccess(config: AccessConfig, logger: Logger): Access {
  const { API_TOKEN, API_TOKENS_FILE: path, METRICS_TOKEN } = config;
  const configured = API_TOKEN === undefined ? [] : [fullToken('API_TOKEN', API_TOKEN)];
  const scraper: Token[] =
    METRICS_TOKEN === undefined
      ? []
      : [{ ...fullToken('METRICS_TOKEN', METRICS_TOKEN), scopes: ['metrics:read'] }];
  const ofMetrics = (tokens: readonly Token[]) =>
    scraper.length === 0 ? [] : [...scraper, ...tokens.map(withoutScrapes)];
  const limit = new WrongTokenLimit();
  const api = new AccessControl(configured, logger, limit);
  const metrics = new AccessControl(ofMetrics(configured), logger, limit);
  if (path === undefined) return { api, metrics, close: () => undefined };
  const use = (tokens: readonly Token[]) => {
    const all = [...configured, ...tokens];
    api.replaceTokens(all);
    metrics.replaceTokens(ofMetrics(all));
  };
  const { tokens, stop } = followTokens(path, {
    onChange: (changed) => {
      use(changed);
      logger.info({ tokens: changed.map(({ name }) => name) }, 'the tokens of API_TOKENS_FILE have changed');
    },
    onInvalid: (error) =>
      logger.error(
        { reason: error.message },
        'API_TOKENS_FILE has changed and cannot be used; the tokens that it had stay valid',
      ),
  });
  use(tokens);
  return { api, metrics, close: stop };
}
