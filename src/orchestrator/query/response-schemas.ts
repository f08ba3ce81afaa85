import { type TSchema, Type } from 'typebox';
import { ErrorBody } from '../../shared/service/http-server.ts';

/** An error of the query API for each status: the OpenAPI document shows it as an example. */
const EXAMPLES: Readonly<Record<number, readonly [errorType: string, error: string]>> = {
  400: ['bad_data', 'step: expected seconds or a duration such as 15s or 1h30m, at least 1ms; got "soon"'],
  401: [
    'unauthorized',
    'expected the header "Authorization: Bearer <token>" with a valid token; got none or another token',
  ],
  403: [
    'forbidden',
    'Expected a token with the scope metrics:read for this route; dashboard does not have it.',
  ],
  404: ['not_found', 'name: expected one of request_rate, error_ratio, …; got "requests"'],
  413: ['bad_data', 'body: expected at most 131072 bytes; got more'],
  414: ['bad_data', 'Max param length reached for "name".'],
  415: ['bad_data', 'content-type: expected application/x-www-form-urlencoded'],
  422: ['execution', 'The TSDB could not execute the query.'],
  429: ['too_many_requests', 'Expected at most 600 requests a minute from one address.'],
  500: ['internal', 'The request failed; the log says why.'],
  503: ['unavailable', 'The TSDB cannot be reached.'],
};

/** Whether the response says when the client may try again. */
const isTemporary = (status: number) => status === 429 || status === 503;

function errorSchema(status: number) {
  const [errorType, error] = EXAMPLES[status] ?? ['bad_data', ''];
  return Type.Object(
    {
      status: Type.Literal('error'),
      errorType: Type.String({ description: 'stable: match on it' }),
      error: Type.String({ description: 'what the API expected and what it got' }),
    },
    {
      title: 'QueryError',
      description: "An error in Prometheus's shape",
      examples: [{ status: 'error', errorType, error }],
      ...(isTemporary(status) && {
        headers: {
          'retry-after': Type.String({ description: 'seconds; absent after a timeout' }),
        },
      }),
    },
  );
}

/** Every route may answer these: without a parameter a request may still be malformed, or come during a stop. */
const EVERYWHERE = [400, 401, 403, 429, 500, 503];

/** What Node's parser refuses never gets as far as a route, and has the shape of the HTTP API. */
const BEFORE_A_ROUTE: Readonly<Record<number, TSchema>> = Object.fromEntries(
  [
    [408, 'ASDLC_REQUEST_TIMEOUT', 'expected the whole request in time; got only a part of it'],
    [417, 'ASDLC_EXPECTATION_FAILED', 'expect: expected 100-continue; got "more"'],
    [431, 'ASDLC_HEADERS_TOO_LARGE', 'expected at most 16 KiB of URL and headers; got more'],
  ].map(([status, code, message]) => [
    status,
    Type.Object(ErrorBody.properties, {
      title: 'Error',
      description: "An error in the HTTP API's shape: the request got as far as no route",
      examples: [{ code, message }],
    }),
  ]),
);

/** Returns the schemas of a route's error responses: those that every route has, and those of `statuses`. */
export const errors = (...statuses: number[]): Readonly<Record<number, TSchema>> => ({
  ...BEFORE_A_ROUTE,
  ...Object.fromEntries([...EVERYWHERE, ...statuses].map((status) => [status, errorSchema(status)])),
});

/** The statuses of errors on a route that asks the TSDB, beside those of every route. */
export const ASKING = [422] as const;

/** Returns the schema of a body that is passed on unread: it only shows an example. */
export const passedOn = (description: string, data: unknown) =>
  Type.Unknown({ description, examples: [{ status: 'success', data }] });
