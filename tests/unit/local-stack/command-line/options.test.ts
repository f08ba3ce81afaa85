import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from '../../../../src/local-stack/command-line/options.ts';

test('accepts --demo, --help and no option', () => {
  assert.deepEqual(parseOptions([]), { demo: false, help: false });
  assert.deepEqual(parseOptions(['--demo']), { demo: true, help: false });
  assert.deepEqual(parseOptions(['-h']), { demo: false, help: true });
});

for (const args of [['--dmeo'], ['demo'], ['--demo=yes'], ['--demo', 'x']]) {
  test(`refuses ${args.join(' ')}`, () => {
    assert.throws(() => parseOptions(args), {
      code: 'ASDLC_OPTION_INVALID',
      message: `Expected --demo, --help or no option; got ${args.join(' ')}`,
    });
  });
}
