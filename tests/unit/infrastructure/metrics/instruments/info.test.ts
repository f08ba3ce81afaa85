import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Info } from '../../../../../src/infrastructure/metrics/instruments/info.ts';
import { samplesOf } from '../../../../support/rendered.ts';

const UNREGISTERED = { help: 'Help.', registers: [] };

test('shows its labels and the value 1', async () => {
  const info = new Info({ name: 'build_info', labelNames: ['version'], ...UNREGISTERED });
  info.set({ version: '1.2.3' });
  assert.deepEqual(await samplesOf(info), ['build_info{version="1.2.3"} 1']);
  assert.equal((await info.get()).type, 'gauge');
});
