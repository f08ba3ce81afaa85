import { createServer } from 'node:net';
import type { CliConfig } from '../../shared/config.ts';
import type { AccessReport } from '../../shared/http-contract/access.ts';
import type { HealthReport } from '../../shared/http-contract/health.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const LIMIT_MS = 3_000;

/** Checks who listens on a port: nobody, a service of asdlc, or another program. */
export async function checkPort(host: string, port: number, variable: string): Promise<Finding> {
  const check = `Port ${port}`;
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host;
  const health = await ask<HealthReport>(`http://${reached}:${port}/health`);
  const { service, version, checks } = health.body ?? {};
  if (service !== undefined && checks !== undefined)
    return healthFinding(check, { service, version: version ?? '', checks });
  const code = await listenOnce(host, port);
  if (code === undefined) return ok(check, 'free: no service runs there');
  const advice = `Stop that program, or set ${variable} (with asdlc start) or SERVICE_PORT to another port.`;
  return problem(
    check,
    code === 'EADDRINUSE' ? 'another program listens there' : `this user may not listen: ${code}`,
    advice,
  );
}

function healthFinding(
  check: string,
  { service, version, checks }: Pick<HealthReport, 'service' | 'version' | 'checks'>,
): Finding {
  const down = Object.entries(checks).filter(([, { status }]) => status !== 'up');
  if (down.length === 0) return ok(check, `${service} ${version} is healthy`);
  const reasons = down.map(([name, { error }]) => `${name}: ${error ?? 'down'}`).join('; ');
  return problem(
    check,
    `${service} ${version} is unhealthy: ${reasons}`,
    'Mend what it names, or read its log.',
  );
}

/** Checks whether the orchestrator of ASDLC_URL answers, and what the token may do there. */
export async function checkOrchestrator({ ASDLC_URL: url, ASDLC_TOKEN: token }: CliConfig): Promise<Finding> {
  const check = 'Orchestrator';
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { status, body, reason } = await ask<AccessReport>(`${url.replace(/\/+$/, '')}/api/access`, headers);
  if (status === undefined) {
    const advice = 'Start it with `asdlc start` or `asdlc orchestrator`, or set ASDLC_URL.';
    return warning(check, `nothing answers at ${url}: ${reason}`, advice);
  }
  if (body?.scopes !== undefined)
    return ok(check, `${url} answers; ${body.name} may ${body.scopes.join(', ')}`);
  if (status === 401) {
    return problem(
      check,
      `${url} refuses ${token === undefined ? 'requests without a token' : 'the token'}`,
      'Set ASDLC_TOKEN to a valid token.',
    );
  }
  return problem(
    check,
    `${url} answered with status ${status}; expected that of an orchestrator`,
    'Correct ASDLC_URL.',
  );
}

interface Asked<T> {
  /** Undefined when nothing answered. */
  readonly status?: number;
  /** Undefined for a body that is no object. */
  readonly body?: Partial<T>;
  readonly reason?: string;
}

async function ask<T>(url: string, headers: Record<string, string> = {}): Promise<Asked<T>> {
  try {
    const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(LIMIT_MS) });
    const text = await response.text();
    const body: unknown = text.startsWith('{') ? JSON.parse(text) : {};
    return { status: response.status, body: body as Partial<T> }; // the callers look at a field first
  } catch (error) {
    const { message, cause } = error as Error; // fetch and JSON.parse throw errors only
    return { reason: cause instanceof Error ? cause.message : message };
  }
}

/** Returns undefined when one can listen there, else the code of the error. */
function listenOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
