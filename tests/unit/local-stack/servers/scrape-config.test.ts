import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { scrapeConfig } from '../../../../src/local-stack/servers/scrape-config.ts';

const targets = { orchestrator: '127.0.0.1:8080', workers: '[::1]:8081' };

test('scrapes both services every 5 s', () => {
  assert.deepEqual(parse(scrapeConfig(targets, undefined)), {
    global: { scrape_interval: '5s', scrape_timeout: '4s' },
    scrape_configs: [
      { job_name: 'asdlc-orchestrator', static_configs: [{ targets: ['127.0.0.1:8080'] }] },
      { job_name: 'asdlc-workers', static_configs: [{ targets: ['[::1]:8081'] }] },
    ],
  });
});

test('names the file with the token and does not contain the token', () => {
  const config = parse(scrapeConfig(targets, '/da ta/"x"/metrics-token'));
  for (const job of config.scrape_configs) {
    assert.deepEqual(job.authorization, { credentials_file: '/da ta/"x"/metrics-token' });
  }
});
