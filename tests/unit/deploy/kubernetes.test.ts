import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { IScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1';
import type { IPodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { parser } from '@prometheus-io/lezer-promql';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { IService } from 'kubernetes-models/v1';
import { prometheusRuleFile } from '../../../scripts/alert-rules.ts';
import { METRIC_DEFINITIONS } from '../../../src/infrastructure/telemetry/catalogue.ts';
import { loadOrchestratorConfig, loadWorkersConfig } from '../../../src/shared/config.ts';
import { orchestratorSchema, workersSchema } from '../../../src/shared/config-variables.ts';
import { kustomize } from '../../support/deploy/kustomize.ts';
import { fieldErrors, validate } from '../../support/deploy/manifest-checks.ts';
import { readPage } from '../../support/pages.ts';
import { REPOSITORY } from '../../support/processes.ts';

const FOLDER = join(REPOSITORY, 'deploy/kubernetes');
const BASE = kustomize(join(FOLDER, 'base'));
const EXAMPLE = kustomize(join(FOLDER, 'overlays/example'));

/** The fields are checked by "fit the schemas": so a type of their kind is right. */
function find<T extends { kind: string }>(kind: T['kind'], name: string, resources = EXAMPLE): T {
  const found = resources.find((one) => one.kind === kind && one.metadata.name === name);
  assert.ok(found, `${kind} ${name}`);
  return found as unknown as T;
}

function deploymentOf(service: string, resources = EXAMPLE) {
  const { spec } = find<IDeployment>('Deployment', `asdlc-${service}`, resources);
  const pod = spec?.template.spec;
  const [container] = pod?.containers ?? [];
  assert.ok(spec && pod && container, service);
  return { spec, pod, container, labels: spec.template.metadata?.labels ?? {} };
}

function environmentOf(service: string): Record<string, string> {
  const { container } = deploymentOf(service);
  return Object.fromEntries((container.env ?? []).map(({ name, value = '' }) => [name, value]));
}

describe('deploy/kubernetes', () => {
  it('fits the schemas of Kubernetes, KEDA and the Prometheus operator', async () => {
    assert.equal(fieldErrors([...BASE, ...EXAMPLE]), '');
    for (const resource of [...BASE, ...EXAMPLE]) await validate(resource);
  });

  it('would not fit with a wrong field or value', async () => {
    const wrong = structuredClone(find<IDeployment>('Deployment', 'asdlc-workers'));
    Object.assign(wrong.spec?.template.spec?.containers[0] ?? {}, { readynessProbe: {} });
    assert.match(fieldErrors([wrong as never]), /readynessProbe"' does not exist/);
    const scaled = structuredClone(find<IScaledObject>('ScaledObject', 'asdlc-workers'));
    Object.assign(scaled.spec ?? {}, { maxReplicaCount: '40' });
    await assert.rejects(validate(scaled as never), /maxReplicaCount must be integer/);
  });

  it('has what it promises', () => {
    const kinds = EXAMPLE.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();
    assert.deepEqual(kinds, [
      'Deployment asdlc-orchestrator',
      'Deployment asdlc-workers',
      'Ingress asdlc',
      'Namespace asdlc',
      'NetworkPolicy asdlc-orchestrator',
      'NetworkPolicy asdlc-workers',
      'PodDisruptionBudget asdlc-orchestrator',
      'PodDisruptionBudget asdlc-workers',
      'PodMonitor asdlc',
      'PrometheusRule asdlc',
      'ScaledObject asdlc-workers',
      'Service asdlc-orchestrator',
      'Service asdlc-workers',
      'ServiceAccount asdlc-orchestrator',
      'ServiceAccount asdlc-workers',
    ]);
    for (const { kind, metadata } of EXAMPLE) {
      assert.equal(metadata.namespace, kind === 'Namespace' ? undefined : 'asdlc');
    }
  });

  it('sets only variables that the services read, to values that they accept', () => {
    const [orchestrator, workers] = [environmentOf('orchestrator'), environmentOf('workers')];
    const isRead = (names: object) => (name: string) =>
      Object.hasOwn(names, name.replace(/_FILE$/, '')) || Object.hasOwn(names, name);
    assert.deepEqual(
      Object.keys(orchestrator).filter((name) => !isRead(orchestratorSchema.properties)(name)),
      [],
    );
    assert.deepEqual(
      Object.keys(workers).filter((name) => !isRead(workersSchema.properties)(name)),
      [],
    );
    const withoutFiles = (environment: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(environment).filter(([, value]) => !value.startsWith('/run/secrets/')),
      );
    const config = loadOrchestratorConfig(withoutFiles(orchestrator));
    assert.equal(config.VICTORIAMETRICS_URL, 'http://victoria-metrics.monitoring.svc:8428');
    assert.equal(loadWorkersConfig(withoutFiles(workers)).DRAIN_TIMEOUT, 25);
  });

  for (const service of ['orchestrator', 'workers']) {
    it(`reads the secrets of the ${service} from files of the one Secret that the docs make`, () => {
      const { pod, container } = deploymentOf(service);
      const secret = pod.volumes?.find(({ name }) => name === 'secrets')?.secret;
      assert.equal(secret?.secretName, 'asdlc');
      const mount = container.volumeMounts?.find(({ name }) => name === 'secrets');
      assert.ok(mount?.readOnly);
      const files = (container.env ?? []).flatMap(({ value = '' }) =>
        value.startsWith(`${mount.mountPath}/`) ? [value.slice(mount.mountPath.length + 1)] : [],
      );
      assert.deepEqual(files.toSorted(), secret.items?.map(({ path }) => path).toSorted());
      const page = readPage('docs/deployment.md');
      for (const { key } of secret.items ?? []) assert.match(page, new RegExp(`--from-\\w+=${key}`));
    });

    it(`probes the ${service} as the design says, and gives it time to stop`, () => {
      const { pod, container } = deploymentOf(service);
      const { livenessProbe: live, readinessProbe: ready, startupProbe: startup } = container;
      assert.deepEqual(
        [live?.httpGet?.path, live?.periodSeconds, live?.failureThreshold],
        ['/health/live', 10, 3],
      );
      assert.deepEqual(
        [ready?.httpGet?.path, ready?.periodSeconds, ready?.failureThreshold],
        ['/health/ready', 5, 2],
      );
      assert.equal(startup?.httpGet?.path, '/health/live');
      assert.deepEqual(container.lifecycle?.preStop?.exec?.command, ['sleep', '5']);
      const drain = Number(environmentOf(service).DRAIN_TIMEOUT ?? 10);
      assert.equal(pod.terminationGracePeriodSeconds, 5 + drain + 5);
    });

    it(`gives the ${service} no rights, and nothing to write to but memory`, () => {
      const { pod, container } = deploymentOf(service);
      assert.equal(pod.automountServiceAccountToken, false);
      assert.equal(pod.serviceAccountName, `asdlc-${service}`);
      assert.equal(pod.securityContext?.runAsNonRoot, true);
      assert.equal(pod.securityContext?.seccompProfile?.type, 'RuntimeDefault');
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      assert.ok(container.resources?.limits?.memory && container.resources.requests?.cpu);
      assert.deepEqual(container.args, [service]);
      assert.equal(container.image, 'registry.example/asdlc:0.1.0');
    });

    it(`selects the pods of the ${service} everywhere`, () => {
      const { spec, pod, container, labels } = deploymentOf(service);
      const name = `asdlc-${service}`;
      const own = { 'app.kubernetes.io/name': name };
      assert.deepEqual(labels, { ...own, 'app.kubernetes.io/part-of': 'asdlc' });
      assert.deepEqual(spec.selector, { matchLabels: own });
      assert.deepEqual(find<IService>('Service', name).spec?.selector, own);
      assert.deepEqual(find<IPodDisruptionBudget>('PodDisruptionBudget', name).spec?.selector, {
        matchLabels: own,
      });
      assert.deepEqual(find<INetworkPolicy>('NetworkPolicy', name).spec?.podSelector, { matchLabels: own });
      for (const spread of pod.topologySpreadConstraints ?? [])
        assert.deepEqual(spread.labelSelector, { matchLabels: own });
      assert.equal(pod.topologySpreadConstraints?.length, 2);
      const [port] = container.ports ?? [];
      const usual = (service === 'workers' ? workersSchema : orchestratorSchema).properties.SERVICE_PORT;
      assert.deepEqual([port?.name, port?.containerPort], ['http', (usual as { default?: number }).default]);
      const [exposed] = find<IService>('Service', name).spec?.ports ?? [];
      assert.deepEqual([exposed?.port, exposed?.targetPort], [port?.containerPort, 'http']);
      assert.deepEqual(spec.template.metadata?.annotations, {
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': `${port?.containerPort}`,
        'prometheus.io/path': '/metrics',
      });
    });
  }

  it('scrapes both services under the job names that alerts and dashboards need', () => {
    const { spec } = find<IPodMonitor>('PodMonitor', 'asdlc');
    assert.equal(spec?.jobLabel, 'app.kubernetes.io/name');
    assert.deepEqual(spec.selector.matchExpressions?.[0]?.values, ['asdlc-orchestrator', 'asdlc-workers']);
    const [endpoint] = spec.podMetricsEndpoints ?? [];
    assert.deepEqual([endpoint?.port, endpoint?.interval, endpoint?.scrapeTimeout], ['http', '15s', '10s']);
    assert.deepEqual(endpoint?.authorization?.credentials, { name: 'asdlc', key: 'metrics-token' });
  });

  it('scales the workers by depth and age, from metrics that exist', () => {
    const { spec } = find<IScaledObject>('ScaledObject', 'asdlc-workers');
    assert.equal(spec?.scaleTargetRef.name, find<IDeployment>('Deployment', 'asdlc-workers').metadata?.name);
    assert.equal(deploymentOf('workers').spec.replicas, undefined, 'KEDA sets the replicas');
    assert.equal(deploymentOf('workers', BASE).spec.replicas, 2);
    const { WORKER_POOL_SIZE } = environmentOf('workers');
    const depth = spec.triggers.find(({ name }) => name === 'depth');
    assert.equal(depth?.metadata.threshold, WORKER_POOL_SIZE);
    const states = METRIC_DEFINITIONS.find(({ name }) => name === 'asdlc_queue_tasks');
    assert.match(JSON.stringify(states), /"waiting".*"active"/);
    const named = spec.triggers.flatMap(({ metadata: { query = '' } }) => metricsOf(query));
    assert.deepEqual(named, ['asdlc_queue_tasks', 'asdlc_queue_oldest_age_seconds']);
    for (const metric of named)
      assert.ok(
        METRIC_DEFINITIONS.some(({ name }) => name === metric),
        metric,
      );
  });

  it('has the alerts as generated (else run: npx node scripts/alert-rules.ts)', () => {
    const file = readFileSync(join(FOLDER, 'components/monitoring/prometheus-rule.yaml'), 'utf8');
    assert.equal(file, prometheusRuleFile());
  });
});

/** The metrics that a query names. Fails for a query that is no PromQL. */
function metricsOf(query: string): string[] {
  const names: string[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from, to, node }) => {
      assert.ok(!type.isError, query);
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector')
        names.push(query.slice(from, to));
    },
  });
  return names;
}
