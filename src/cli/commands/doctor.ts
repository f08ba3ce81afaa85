import {
  type Environment,
  loadCliConfig,
  loadLocalStackConfig,
  loadOrchestratorConfig,
  loadWorkersConfig,
  variableNames,
} from '../../shared/config.ts';
import { describeUnknownVariables } from '../../shared/service/unknown-variables.ts';
import { type Command, JSON_OPTION } from '../command.ts';
import { type Finding, ok, problem, warning } from '../doctor/finding.ts';
import { checkDisk, checkHandlers, checkNode } from '../doctor/machine.ts';
import { checkRedis } from '../doctor/redis.ts';
import { checkOrchestrator, checkPort } from '../doctor/services.ts';
import { checkTsdb } from '../doctor/tsdb.ts';
import { EXIT } from '../exit-codes.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const doctor: Command = {
  usage: '',
  description: `Checks Node, variables, Redis, the TSDB, ports, clocks, handlers and the disk, with the variables of this shell,
and says what to do. It exits with 1 when it finds a problem.`,
  options: JSON_OPTION,
  arguments: { least: 0, most: 0 },
  run: async ({ isJson, terminal, env }) => {
    const findings = await examine(env);
    if (isJson) terminal.json(findings);
    else print(findings, terminal);
    return findings.some(({ status }) => status === 'problem') ? EXIT.failed : EXIT.done;
  },
};

async function examine(env: Environment): Promise<Finding[]> {
  const { configs, findings } = readConfigs(env);
  const groups = await Promise.all([
    checkNode(),
    findings,
    ...(configs === undefined ? [] : checksOf(configs)),
  ]);
  return groups.flat();
}

type Configs = ReturnType<typeof loadConfigs>;

function loadConfigs(env: Environment) {
  return {
    orchestrator: loadOrchestratorConfig(env),
    workers: loadWorkersConfig(env),
    localStack: loadLocalStackConfig(env),
    cli: loadCliConfig(env),
  };
}

/** Without the variables there is nothing to check: the configs are undefined then. */
function readConfigs(env: Environment): { configs?: Configs; findings: Finding[] } {
  const unknown = describeUnknownVariables(variableNames(env)).map((text) =>
    warning('Variables', text, 'Correct or remove it.'),
  );
  try {
    const configs = loadConfigs(env);
    return { configs, findings: unknown.length > 0 ? unknown : [ok('Variables', 'all are well-formed')] };
  } catch (error) {
    const lines = (error as Error).message.split('\n').slice(1); // configInvalid makes a line for each variable
    const wrong = lines.map((line) => problem('Variables', line.trim(), 'See docs/configuration.md.'));
    return { findings: [...unknown, ...wrong] };
  }
}

function checksOf({ orchestrator, workers, localStack, cli }: Configs): Promise<Finding | Finding[]>[] {
  const { SERVICE_HOST: host, ORCHESTRATOR_PORT, WORKERS_PORT } = localStack;
  return [
    checkRedis(orchestrator),
    checkTsdb({
      url: orchestrator.VICTORIAMETRICS_URL,
      scrapeIntervalSeconds: orchestrator.SCRAPE_INTERVAL,
      services: [orchestrator.SERVICE_NAME, workers.SERVICE_NAME],
    }),
    checkPort(host, ORCHESTRATOR_PORT, 'ORCHESTRATOR_PORT'),
    checkPort(host, WORKERS_PORT, 'WORKERS_PORT'),
    checkOrchestrator(cli),
    checkHandlers(workers.WORKER_HANDLERS),
    checkDisk(localStack.ASDLC_DATA_DIR),
  ];
}

const SIGNS = { ok: ['green', '✓'], warning: ['yellow', '!'], problem: ['red', '✗'] } as const;

function print(findings: readonly Finding[], terminal: Terminal): void {
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { check, status, found, advice } of findings) {
    const [style, sign] = SIGNS[status];
    terminal.line(`${terminal.styled(style, sign)} ${check.padEnd(width)}  ${found}`);
    if (advice !== undefined) terminal.line(`  ${' '.repeat(width)}  → ${advice}`);
  }
  const count = (status: Finding['status']) => findings.filter((finding) => finding.status === status).length;
  terminal.line(`\nproblems: ${count('problem')}, warnings: ${count('warning')}, in order: ${count('ok')}`);
}
