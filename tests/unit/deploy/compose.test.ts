import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { loadOrchestratorConfig, loadWorkersConfig, variableNames } from '../../../src/shared/config.ts';
import { createAccess } from '../../../src/shared/service/access/access.ts';
import { createLogger } from '../../../src/shared/service/logging.ts';
import { readWebhooks } from '../../../src/workers/webhooks/webhooks-file.ts';
import {
  COMPOSE_FOLDER,
  COMPOSE_SCHEMA,
  readComposeFile,
  secondsOf,
} from '../../support/deploy/compose-file.ts';
import { temporaryFolder } from '../../support/processes.ts';
import type { Scope } from '../../support/scope.ts';

const file = readComposeFile();
const services = Object.entries(file.services);
const { orchestrator, workers, grafana } = file.services;
assert.ok(orchestrator && workers && grafana);

/** Makes the secrets as deploy/compose.yml says, in a folder of the test's own. */
async function makeSecrets(scope: Scope): Promise<string> {
  const folder = join(await temporaryFolder(scope), 'secrets');
  execFileSync('sh', [join(COMPOSE_FOLDER, 'compose/make-secrets.sh'), folder]);
  return folder;
}

/** The environment of a service, with the folder of the secrets in the place of /run/secrets. */
function environmentOf(environment: Readonly<Record<string, string>>, secrets: string) {
  const entries = Object.entries(environment);
  return Object.fromEntries(entries.map(([name, value]) => [name, value.replace('/run/secrets', secrets)]));
}

describe('deploy/compose.yml', () => {
  it('passes the JSON schema of Compose', () => {
    const schema = JSON.parse(readFileSync(COMPOSE_SCHEMA, 'utf8'));
    const validate = new Ajv({ strict: false, validateFormats: false, validateSchema: false }).compile(
      schema,
    );
    const written: unknown = parse(readFileSync(join(COMPOSE_FOLDER, 'compose.yml'), 'utf8'), {
      merge: true,
    });
    assert.ok(validate(written), JSON.stringify(validate.errors));
    assert.ok(!validate({ services: { redis: { image: 'redis', stop_grace: '1s' } } }));
  });

  it('has the services of the system, two of them workers', () => {
    const names = [
      'orchestrator',
      'workers',
      'redis',
      'victoria-metrics',
      'vmagent',
      'vmalert',
      'alertmanager',
      'grafana',
    ];
    assert.deepEqual(Object.keys(file.services), names);
    assert.equal(workers.deploy?.replicas, 2);
  });

  for (const [name, service] of services) {
    it(`runs ${name} in one version, watched and without rights`, () => {
      const isOurs = name === 'orchestrator' || name === 'workers';
      assert.match(service.image, isOurs ? /^asdlc:local$/ : /^[a-z/-]+:v?\d+\.\d+\.\d+(-alpine)?$/);
      assert.ok(service.healthcheck.test.length >= 2);
      assert.ok(secondsOf(service.stop_grace_period) >= 15);
      assert.deepEqual(
        [service.read_only, service.cap_drop, service.security_opt, service.restart],
        [true, ['ALL'], ['no-new-privileges:true'], 'unless-stopped'],
      );
      for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/);
    });
  }

  it('shows Redis and VictoriaMetrics to the services alone', () => {
    assert.equal(file.networks.backend?.internal, true);
    for (const name of ['redis', 'victoria-metrics', 'vmagent', 'vmalert']) {
      const service = file.services[name];
      assert.deepEqual([service?.networks, service?.ports], [['backend'], undefined], name);
    }
  });

  it('names only secrets, volumes and files that there are', async (t) => {
    const made = readdirSync(await makeSecrets(t));
    for (const { file: path } of Object.values(file.secrets)) {
      assert.ok(made.includes(path.replace('./compose/secrets/', '')), path);
    }
    for (const [name, service] of services) {
      const text = JSON.stringify([
        service.command,
        service.entrypoint,
        service.environment,
        service.healthcheck.test,
      ]);
      for (const [, secret = ''] of text.matchAll(/\/run\/secrets\/([a-z.-]+)/g)) {
        assert.ok(service.secrets?.includes(secret), `${secret} of ${name}`);
      }
      for (const secret of service.secrets ?? []) assert.ok(Object.hasOwn(file.secrets, secret), secret);
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        const isThere = source.startsWith('./')
          ? existsSync(join(COMPOSE_FOLDER, source))
          : source in file.volumes;
        assert.ok(isThere, volume);
      }
    }
  });

  it('sets only variables that the services read, to values that they accept', async (t) => {
    const secrets = await makeSecrets(t);
    const { known } = variableNames();
    for (const { environment = {} } of [orchestrator, workers]) {
      assert.deepEqual(
        Object.keys(environment).filter((name) => !known.has(name)),
        [],
      );
    }
    const config = loadOrchestratorConfig(environmentOf(orchestrator.environment ?? {}, secrets));
    const password = readFileSync(join(secrets, 'redis.conf'), 'utf8').trim().replace('requirepass ', '');
    assert.equal(config.REDIS_URL, `redis://:${password}@redis:6379/0`);
    const { METRICS_TOKEN, DRAIN_TIMEOUT, WEBHOOKS_FILE } = loadWorkersConfig(
      environmentOf(workers.environment ?? {}, secrets),
    );
    assert.deepEqual(await readWebhooks(WEBHOOKS_FILE ?? ''), []);
    assert.equal(METRICS_TOKEN, config.METRICS_TOKEN);
    assert.ok(secondsOf(workers.stop_grace_period) >= DRAIN_TIMEOUT + 5);
    const access = createAccess(config, createLogger({ service: 'test', level: 'silent' }));
    t.after(() => access.close());
    assert.ok(access, 'the named tokens are accepted');
  });

  it('gives Grafana each variable that its provisioning names', () => {
    const folder = join(COMPOSE_FOLDER, 'grafana/provisioning');
    const text = readFileSync(join(folder, 'datasources/asdlc.yml'), 'utf8').replaceAll(/^#.*$/gm, '');
    const named = new Set([...text.matchAll(/(?<!\$)\$([A-Z_]+)/g)].map((match) => match[1] ?? ''));
    const given = new Set(Object.keys(grafana.environment ?? {}));
    assert.deepEqual(
      [...named].filter((name) => !given.has(name)),
      ['ASDLC_TOKEN'],
    );
    assert.match(
      grafana.entrypoint?.at(-1) ?? '',
      /^ASDLC_TOKEN="\$\(cat \/run\/secrets\/grafana-token\)" exec /,
    );
    const { providers } = parse(readFileSync(join(folder, 'dashboards/asdlc.yml'), 'utf8'));
    const mounts = (grafana.volumes ?? []).map((volume) => volume.split(':').slice(0, 2).join(' '));
    assert.ok(mounts.includes(`./grafana/dashboards ${providers[0].options.path}`));
  });
});

describe('make-secrets.sh', () => {
  it('lets nobody else into the folder, and keeps the secrets of an earlier run', async (t) => {
    const folder = await makeSecrets(t);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    const token = readFileSync(join(folder, 'admin-token'), 'utf8');
    assert.match(token, /^[0-9a-f]{64}\n$/);
    writeFileSync(join(folder, 'webhooks.json'), '{ "webhooks": [] }  ');
    const again = () => execFileSync('sh', [join(COMPOSE_FOLDER, 'compose/make-secrets.sh'), folder]);
    again();
    assert.equal(readFileSync(join(folder, 'admin-token'), 'utf8'), token);
    assert.equal(readFileSync(join(folder, 'webhooks.json'), 'utf8'), '{ "webhooks": [] }  ');
    rmSync(join(folder, 'webhooks.json'));
    again();
    assert.deepEqual(await readWebhooks(join(folder, 'webhooks.json')), [], 'version 0.1.0 made none');
    for (const name of readdirSync(folder))
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o644, name);
  });
});
