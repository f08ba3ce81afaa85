import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiateFormat } from '../../../../../src/infrastructure/metrics/exposition/accept.ts';

const CASES: readonly [accept: string | undefined, format: 'text' | 'openmetrics', why: string][] = [
  [undefined, 'text', 'no header'],
  ['', 'text', 'an empty header'],
  ['*/*', 'text', 'a client that takes anything'],
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
    'Prometheus 2.42',
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    'openmetrics',
    'Prometheus 3',
  ],
  ['text/plain;version=0.0.4;q=1,*/*;q=0.1', 'text', 'VictoriaMetrics'],
  ['application/openmetrics-text;q=0.4,text/plain;q=0.5', 'text', 'text with the higher quality'],
  ['text/plain, application/openmetrics-text', 'text', 'text first among equals'],
  ['application/openmetrics-text, text/plain', 'openmetrics', 'OpenMetrics first among equals'],
  ['application/openmetrics-text; version="1.0.0"', 'openmetrics', 'a quoted version'],
  ['APPLICATION/OpenMetrics-Text; Version=1.0.0', 'openmetrics', 'upper case'],
  ['application/openmetrics-text; version=0.0.1', 'text', 'only a version that we do not write'],
  ['application/openmetrics-text;q=0', 'text', 'OpenMetrics refused'],
  ['application/openmetrics-text;q=nonsense,text/plain;q=0.1', 'text', 'a quality that is not a number'],
  ['application/json', 'text', 'no format that we write'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text', 'a browser'],
];

for (const [accept, format, why] of CASES) {
  test(`chooses ${format} for ${why}`, () => {
    assert.equal(negotiateFormat(accept), format);
  });
}
