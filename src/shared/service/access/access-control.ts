import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { forbidden, tooManyWrongTokens, unauthorized } from '../../errors.ts';
import type { Logger } from '../logging.ts';
import { ANONYMOUS, type Caller, digestOf, type Scope, type Token } from './tokens.ts';
import { WrongTokenLimit } from './wrong-token-limit.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set where a token was asked for and is valid, also when it lacks the scope. */
    caller?: Caller;
  }
  interface FastifyContextConfig {
    /** What a token must be allowed to do; `tasks:read` unless told otherwise. */
    scope?: Scope;
  }
}

/** Decides by its token what a request may do. Tokens may be replaced while it works. */
export class AccessControl {
  readonly #logger: Logger;
  readonly #wrong: WrongTokenLimit;
  #tokens: readonly Token[];

  constructor(tokens: readonly Token[], logger: Logger, wrong = new WrongTokenLimit()) {
    this.#tokens = tokens;
    this.#logger = logger;
    this.#wrong = wrong;
  }

  /** Whether everybody may do everything. */
  get isOpen(): boolean {
    return this.#tokens.length === 0;
  }

  replaceTokens(tokens: readonly Token[]): void {
    this.#tokens = tokens;
  }

  /**
   * A hook that lets a request pass whose token has the scope, or any valid token without one. It throws
   * ASDLC_UNAUTHORIZED, ASDLC_FORBIDDEN, or ASDLC_TOO_MANY_WRONG_TOKENS after many wrong ones from one address.
   */
  require(scope?: Scope): (request: FastifyRequest) => Promise<void> {
    return async (request) => {
      const caller = this.isOpen ? ANONYMOUS : this.#identify(request);
      request.caller = caller;
      if (scope !== undefined && !caller.scopes.includes(scope)) throw forbidden(caller.name, scope);
    };
  }

  /** Whether a caller that a request had before may send it again, from this address: its token may be gone. */
  mayRepeat(caller: Caller, address: string): boolean {
    if (this.isOpen || caller === ANONYMOUS) return this.isOpen && caller === ANONYMOUS;
    return this.#tokens.some((token) => token === caller) && this.#wrong.mayPass(address, caller.name);
  }

  #identify({ headers, ip, routeOptions }: FastifyRequest): Caller {
    const given = /^bearer +(.*)$/i.exec(headers.authorization ?? '')?.[1];
    if (given === undefined) throw unauthorized();
    const token = this.#find(digestOf(given));
    if (token !== undefined && this.#wrong.mayPass(ip, token.name)) return token;
    const waitSeconds = this.#wrong.waitSeconds(ip);
    if (waitSeconds > 0) throw tooManyWrongTokens(waitSeconds);
    if (this.#wrong.note(ip)) {
      this.#logger.warn({ address: ip, route: routeOptions.url }, 'a request came with a wrong token');
    }
    throw unauthorized();
  }

  /** Compares with all tokens, and digests with each other: the time says nothing about the tokens. */
  #find(digest: Buffer): Token | undefined {
    let found: Token | undefined;
    for (const token of this.#tokens) if (timingSafeEqual(token.digest, digest)) found = token;
    return found;
  }
}
