import assert from 'node:assert/strict';
import { test } from 'node:test';
import { variableNames } from '../../../../src/shared/config.ts';
import { describeUnknownVariables } from '../../../../src/shared/service/unknown-variables.ts';

const describe = (environment: Record<string, string>) =>
  describeUnknownVariables(variableNames(environment));

test('names a misspelt variable and the nearest known name', () => {
  assert.deepEqual(describe({ QUERY_CONCURENCY: '4', WORKER_POOLSIZE: '2', API_TOKN: 'secret-secret' }), [
    'asdlc does not know the variable QUERY_CONCURENCY. Did you mean QUERY_CONCURRENCY?',
    'asdlc does not know the variable WORKER_POOLSIZE. Did you mean WORKER_POOL_SIZE?',
    'asdlc does not know the variable API_TOKN. Did you mean API_TOKEN?',
  ]);
});

test('names a variable that has a prefix of asdlc and is like no other', () => {
  assert.deepEqual(describe({ ASDLC_COLOUR: 'red' }), [
    'asdlc does not know the variable ASDLC_COLOUR: it has no effect.',
  ]);
});

test('is silent about variables of any process of asdlc, of other programs, and of service discovery', () => {
  const known = [...variableNames({}).known].map((name) => [name, 'x']);
  const others = {
    PATH: '/bin',
    HOME: '/root',
    LOG_FORMAT: 'json',
    SERVICE_TYPE: 'web',
    WORKSPACE_PATH: '.',
    AGENT_TOKEN: 'x',
    npm_config_demo: 'true',
    VICTORIAMETRICS_SERVICE_HOST: '10.0.0.1',
    VICTORIAMETRICS_PORT_8428_TCP_ADDR: '10.0.0.1',
    QUERY_NONSENSE: '',
  };
  assert.deepEqual(describe({ ...Object.fromEntries(known), ...others }), []);
});
