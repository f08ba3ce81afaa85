import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from '../../../../src/local-stack/command-line/options.ts';

const fromNpm =
  (...names: string[]) =>
  (name: string) =>
    names.includes(name);

test('accepts --demo, --help and no option', () => {
  assert.deepEqual(parseOptions([], fromNpm()), { demo: false, help: false });
  assert.deepEqual(parseOptions(['--demo'], fromNpm()), { demo: true, help: false });
  assert.deepEqual(parseOptions(['-h'], fromNpm()), { demo: false, help: true });
});

test('accepts the --demo that npm took for itself', () => {
  assert.deepEqual(parseOptions([], fromNpm('demo')), { demo: true, help: false });
});

for (const [args, got] of [
  [['--dmeo'], '--dmeo. Did you mean --demo?'],
  [['demo'], 'demo. Did you mean --demo?'],
  [['--demo=yes'], '--demo=yes. Did you mean --demo?'],
  [['--demo', '--hlep'], '--hlep. Did you mean --help?'],
  [['--demo', 'production'], 'production'],
] as const) {
  test(`refuses ${args.join(' ')}`, () => {
    assert.throws(() => parseOptions(args, fromNpm()), {
      code: 'ASDLC_OPTION_INVALID',
      message: `Expected --demo, --help or no option; got ${got}`,
    });
  });
}
