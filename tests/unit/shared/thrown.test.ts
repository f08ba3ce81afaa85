import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { describeThrown, PlainError } from '../../../src/shared/thrown.ts';
import { PERMANENT, THROWN } from '../../support/thrown-values.ts';

function checkTexts(thrown: unknown): void {
  const { name, message, stack } = describeThrown(thrown);
  for (const [text, max] of [
    [name, 100],
    [message, 2_000],
    [stack, 8_192],
  ] as const) {
    assert.ok(text !== '' && text.length <= max, `${text.length} characters: ${text.slice(0, 300)}`);
    assert.ok(text.isWellFormed());
  }
}

const messageOf = (name: string) => describeThrown(THROWN.get(name)?.(), 'The handler').message;

describe('describeThrown', () => {
  it('makes plain texts within their limits of every value', () => {
    for (const make of [...THROWN.values(), ...PERMANENT.values()]) checkTexts(make());
  });

  it('makes plain texts of generated values and of errors with generated properties', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
    });
    const properties = fc.record(
      {
        name: anything,
        message: anything,
        stack: anything,
        cause: anything,
        errors: anything,
        code: anything,
      },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(anything, (value) => checkTexts(value)));
    fc.assert(fc.property(properties, (odd) => checkTexts(Object.assign(new Error('odd'), odd))));
  });

  it('says what was thrown', () => {
    const expected: Readonly<Record<string, string>> = {
      'value: undefined': 'The handler threw undefined.',
      'value: object': 'The handler threw { code: 7 }.',
      'value: object with a getter': 'The handler threw { code: [Getter] }.',
      'value: revoked proxy': 'The handler threw <Revoked Proxy>.',
      'value: throwing toStringTag': 'The handler threw { Symbol(Symbol.toStringTag): [Getter] }.',
      'value: throwing inspect':
        'The handler threw { Symbol(nodejs.util.inspect.custom): [Function: boom] }.',
      'error: plain': 'plain',
      'error: without message': 'TypeError',
      'error: of another realm': 'RangeError: elsewhere',
      'error: DOM exception': 'AbortError: gone',
      'error: object as message': '{ code: 1 }',
      'error: null as message': 'Error',
      'error: number as message': '42',
      'error: throwing message': 'Error',
      'error: circular cause': 'first; cause: second',
      'error: aggregate':
        "AggregateError: several; error 1 of 4: one; error 2 of 4: 'two'; error 3 of 4: null; error 4 of 4: {}",
      'bullmq: error RATE_LIMIT_ERROR': 'Error: bullmq:rateLimitExceeded',
      'bullmq: new DelayedError': 'DelayedError: bullmq:movedToDelayed',
      'bullmq: named WaitingError': 'WaitingError: by name',
    };
    const seen = Object.keys(expected).map((name) => [name, messageOf(name)]);
    assert.deepEqual(Object.fromEntries(seen), expected);
  });

  it('shows the causes of causes and their aggregated errors, as those of a failed fetch', () => {
    const refused = new AggregateError([new Error('connect ::1'), new Error('connect 127.0.0.1')]);
    const { message, stack } = describeThrown(new TypeError('fetch failed', { cause: refused }));
    assert.equal(
      message,
      'TypeError: fetch failed; cause: AggregateError; error 1 of 2: connect ::1; error 2 of 2: connect 127.0.0.1',
    );
    assert.match(stack, /^ {4}at .*\n(.*\n)*cause: AggregateError\n {4}at /m);
  });

  it('keeps the frames of a stack whose message is long', () => {
    const { stack } = describeThrown(new Error('m'.repeat(5_000_000)));
    assert.match(stack, /^Error: m+… \(5000000 characters\)\n {4}at /);
  });

  it('returns the texts of a PlainError unchanged', () => {
    const thrown = describeThrown(new TypeError('once', { cause: 'why' }));
    assert.deepEqual(describeThrown(new PlainError(thrown)), thrown);
  });

  it('takes no property of an error into its texts but these: others may hold a payload', () => {
    const error = Object.assign(new Error('refused'), { command: { args: ['a secret'] }, code: 'OOM' });
    const texts = describeThrown(error);
    assert.equal(texts.code, 'OOM');
    assert.doesNotMatch(JSON.stringify(texts), /secret/);
  });
});
