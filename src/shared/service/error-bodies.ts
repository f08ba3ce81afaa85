import { type TSchema, Type } from 'typebox';
import {
  type AsdlcError,
  closing,
  conflict,
  forbidden,
  foreignHost,
  foreignOrigin,
  idempotencyKeyReused,
  inputInvalid,
  notFound,
  overloaded,
  payloadInvalid,
  payloadTooLarge,
  redisUnavailable,
  taskUnreadable,
  tooManyWrongTokens,
  unauthorized,
  unknownEventType,
} from '../errors.ts';
import { ErrorBody } from './http-server.ts';

/** Every route under /api/ may answer these: the token, a foreign page, wrong tokens, load or the drain. */
const COMMON = [401, 403, 429, 503];

/** What each status means, and the errors that have it. */
const ERRORS: Readonly<
  Record<number, readonly [description: string, examples: readonly Pick<AsdlcError, 'code' | 'message'>[]]>
> = {
  400: [
    'The request is not as the API expects it',
    [
      inputInvalid(
        'body.priority: expected a whole number from 0 (first, as when absent) to 2097152 (last); got "high"',
      ),
    ],
  ],
  401: ['The request has no valid token', [unauthorized()]],
  403: [
    'The token lacks the scope, or a foreign page sent the request',
    [forbidden('grafana', 'tasks:read'), foreignOrigin('https://example.com'), foreignHost('example.com')],
  ],
  404: ['There is no such task', [notFound('No task "key-6678"; it may have been removed after its time.')]],
  409: [
    'The status of the task does not allow it',
    [conflict('Expected a dead task; got task key-6678, which is queued.')],
  ],
  413: ['The body is too large', [payloadTooLarge('body: expected at most 1048576 bytes; got more')]],
  415: [
    'The body has another media type',
    [{ code: 'ASDLC_MEDIA_TYPE_UNSUPPORTED', message: 'content-type: expected application/json' }],
  ],
  422: [
    'The Idempotency-Key was used for another task, no live worker handles the event type or takes the payload, or the ' +
      'task is damaged',
    [
      idempotencyKeyReused(),
      unknownEventType(['order.paid']),
      payloadInvalid('order.paid', '/amount: must be number'),
      taskUnreadable('key-6678', 'data: expected JSON; got another text'),
    ],
  ],
  429: ['Too many wrong tokens came from this address', [tooManyWrongTokens(30)]],
  503: [
    'Redis is away, or the service stops or has too much to do',
    [redisUnavailable(), closing(), overloaded('too many submissions under way')],
  ],
};

/** Returns the response schemas of a route's error statuses. */
export function errorBodies(...statuses: number[]): Record<number, typeof ErrorBody> {
  return Object.fromEntries([...statuses, ...COMMON].map((status) => [status, errorBody(status)]));
}

function errorBody(status: number): typeof ErrorBody {
  const [description, errors] = ERRORS[status] ?? ['An error', []];
  const examples = errors.map(({ code, message }) => [code, { value: { code, message } }]);
  const schema = {
    ...ErrorBody,
    // These two are @fastify/swagger's: it takes them out of the schema.
    'x-response-description': description,
    'x-examples': Object.fromEntries(examples),
  };
  const isTemporary = status === 429 || status === 503;
  return isTemporary ? withHeaders(schema, { 'retry-after': 'seconds' }) : schema;
}

/** Returns a response schema with the headers of the response, by name with what each means. */
export function withHeaders<T extends TSchema>(schema: T, headers: Readonly<Record<string, string>>): T {
  const described = Object.entries(headers).map(([name, description]) => [
    name,
    Type.String({ description }),
  ]);
  return { ...schema, headers: Object.fromEntries(described) };
}
