import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import {
  freePort,
  startOrchestrator,
  startProcess,
  startRedis,
  startVictoriaMetrics,
  temporaryFolder,
} from '../tests/support/processes.ts';
import type { Scope } from '../tests/support/scope.ts';
import { until } from '../tests/support/until.ts';
import { alternate, type Measured, summarize } from './measure.ts';
import { formatShare } from './report.ts';

/*
 * What a query through the query API costs, compared with VictoriaMetrics alone and with nginx and vmauth before it.
 * Range queries of 120 points in 50 series, from 32 clients that send different queries or the same one, and from one
 * client. Two more candidates show what Node can do: a bare proxy, and a bare server with the response in memory.
 */

const run = promisify(execFile);

const ROUNDS = 5;
const ROUND_SECONDS = 2;
const CONNECTIONS = 32;
/** Of each candidate to VictoriaMetrics. */
const UPSTREAM_CONNECTIONS = 64;
/** V8 goes on compiling for so long. Services run for days. */
const WARM_UP_SECONDS = 12;
const SERIES = 50;
const POINTS = 120;
const STEP_SECONDS = 15;
/** Of each candidate in each round: a 99th percentile needs thousands. */
const LATENCY_REQUESTS = 800;
const CANDIDATES = ['VictoriaMetrics', 'asdlc', 'nginx', 'vmauth', 'Node, bare proxy'] as const;
const MEMORY = 'Node, from memory';

type Candidate = (typeof CANDIDATES)[number];
type Loaded = Candidate | typeof MEMORY;

const steps: (() => unknown)[] = [];
const scope: Scope = { after: (step) => void steps.push(step) };
const end = Math.floor(Date.now() / 1000 / STEP_SECONDS) * STEP_SECONDS - 120;
const start = end - (POINTS - 1) * STEP_SECONDS;
const range = `start=${start}&end=${end}&step=${STEP_SECONDS}`;

async function startNginx(upstreamPort: number): Promise<number> {
  const [port, folder] = [await freePort(), await temporaryFolder(scope)];
  const config = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1; events {}
http { access_log off; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
  uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  upstream tsdb { server 127.0.0.1:${upstreamPort}; keepalive ${UPSTREAM_CONNECTIONS}; }
  server { listen 127.0.0.1:${port}; location / {
    proxy_pass http://tsdb; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffers 64 16k; } } }`;
  await writeFile(join(folder, 'nginx.conf'), config);
  startProcess(scope, 'nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]);
  return port;
}

async function startVmauth(upstreamUrl: string): Promise<number> {
  const [port, folder] = [await freePort(), await temporaryFolder(scope)];
  await writeFile(
    join(folder, 'auth.yml'),
    `users: [{ bearer_token: bench, url_prefix: "${upstreamUrl}" }]\n`,
  );
  startProcess(scope, 'vmauth', [`-auth.config=${folder}/auth.yml`, `-httpListenAddr=127.0.0.1:${port}`]);
  return port;
}

async function startBareProxy(upstreamUrl: string): Promise<number> {
  const port = await freePort();
  const program = join(import.meta.dirname, 'bare-proxy.ts');
  startProcess(scope, process.execPath, [program, `${port}`, upstreamUrl, `${UPSTREAM_CONNECTIONS}`]);
  return port;
}

/** Starts all candidates. Returns the URL of the range query of each. */
async function startAll(): Promise<Record<Candidate, string>> {
  const [redis, tsdb] = await Promise.all([startRedis(scope), startVictoriaMetrics(scope)]);
  const lines = Array.from({ length: SERIES }, (_, series) =>
    Array.from({ length: POINTS }, (_, i) => {
      const value = Math.sin(series + i / 10).toFixed(6);
      return `b{series="${series}",service="bench"} ${value} ${(start + i * STEP_SECONDS) * 1000}`;
    }),
  );
  await fetch(`${tsdb.url}/api/v1/import/prometheus`, { method: 'POST', body: lines.flat().join('\n') });
  const orchestrator = await startOrchestrator(scope, {
    REDIS_URL: redis.url,
    VICTORIAMETRICS_URL: tsdb.url,
    QUERY_CONCURRENCY: String(UPSTREAM_CONNECTIONS),
  });
  const [nginx, vmauth] = [await startNginx(tsdb.port), await startVmauth(tsdb.url)];
  const bare = await startBareProxy(tsdb.url);
  const urls = {
    VictoriaMetrics: `${tsdb.url}/api/v1/query_range`,
    asdlc: `${orchestrator.url}/api/metrics/query_range`,
    nginx: `http://127.0.0.1:${nginx}/api/v1/query_range`,
    vmauth: `http://127.0.0.1:${vmauth}/api/v1/query_range`,
    'Node, bare proxy': `http://127.0.0.1:${bare}/api/v1/query_range`,
  };
  for (const url of Object.values(urls)) {
    await until(`${url} returns all series`, async () => {
      const { data } = (await ask(`${url}?query=b&${range}`)) as {
        data: { result: { values: unknown[] }[] };
      };
      return data.result.length === SERIES && data.result.every(({ values }) => values.length === POINTS);
    });
  }
  return urls;
}

const agent = new Agent({ connections: 1 });
const headers = { authorization: 'Bearer bench' };

async function ask(url: string): Promise<unknown> {
  const { body } = await request(url, { dispatcher: agent, headers });
  return body.json();
}

/** Starts a server in a process of its own. It asks the TSDB once per encoding and returns these bytes to all. */
async function startMemory(query: string): Promise<string> {
  const port = await freePort();
  const program = `
    const [plain, gzip] = await Promise.all(['identity', 'gzip'].map(async (encoding) => {
      const { request } = await import('node:http');
      const { promise, resolve } = Promise.withResolvers();
      request(${JSON.stringify(query)}, { headers: { 'accept-encoding': encoding } }, async (answer) => {
        resolve(Buffer.concat(await answer.toArray()));
      }).end();
      return promise;
    }));
    const { createServer } = await import('node:http');
    createServer(({ headers }, response) => {
      const body = headers['accept-encoding'] === 'gzip' ? gzip : plain;
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    }).listen(${port}, '127.0.0.1');`;
  startProcess(scope, process.execPath, ['--input-type=module', '-e', program]);
  await until('the server listens', () => fetch(`http://127.0.0.1:${port}`).then(({ ok }) => ok));
  return `http://127.0.0.1:${port}/`;
}

/** Scripts for wrk: the query of each request. */
const SCRIPTS = {
  /** A new matcher in each request. All of them match all series. */
  different: `local n = os.time() * 1000000
function request()
  n = n + 1
  return wrk.format("GET", wrk.path .. "?query=b%7Bx%21%3D%22" .. string.format("%d", n) .. "%22%7D&${range}")
end`,
  /** A range that ended two minutes ago: its points no longer change. */
  settled: `function request() return wrk.format("GET", wrk.path .. "?query=b&${range}") end`,
  /** A range that ends now: its newest points may still change. */
  current: `function request()
  local e = os.time()
  return wrk.format("GET", wrk.path .. "?query=b&step=${STEP_SECONDS}&end=" .. e .. "&start=" .. (e - ${(POINTS - 1) * STEP_SECONDS}))
end`,
} as const;
type Script = keyof typeof SCRIPTS;
const ENCODINGS = ['gzip', 'identity'] as const;

/** Returns microseconds per request. */
async function load(url: string, script: string, encoding: string, seconds = ROUND_SECONDS): Promise<number> {
  const options = [
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${seconds}s`,
    ...['-H', `Authorization: ${headers.authorization}`],
    ...['-H', `Accept-Encoding: ${encoding}`],
  ];
  const { stdout } = await run('wrk', [...options, '-s', script, url]);
  const perSecond = Number(/^Requests\/sec:\s+([\d.]+)/m.exec(stdout)?.[1]);
  if (!(perSecond > 0) || /Non-2xx/.test(stdout))
    throw new Error(`expected responses with status 200 and their rate from wrk; got ${stdout}`);
  return 1e6 / perSecond;
}

let asked = 0;

/** Sends requests one after the other, each with a new query. Returns the milliseconds of each. */
async function latencies(url: string, encoding = 'identity'): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < LATENCY_REQUESTS; i++) {
    const startMs = performance.now();
    const { body } = await request(`${url}?query=b%7Bx%21%3D%22l${asked++}%22%7D&${range}`, {
      dispatcher: agent,
      headers: { ...headers, 'accept-encoding': encoding },
    });
    await body.dump({ limit: 10_000_000 });
    taken.push(performance.now() - startMs);
  }
  return taken;
}

const rate = (microseconds: number) => Math.round(1e6 / microseconds).toLocaleString('en');

type Results = Record<Script, Partial<Record<Loaded, Measured>>>;

function row(name: Loaded, results: Results): string {
  const cells = Object.values(results).map((of) => {
    const [own, alone] = [of[name], of.VictoriaMetrics];
    if (own === undefined || alone === undefined) return '– | –';
    return `${rate(own.median)} (${rate(own.high)} – ${rate(own.low)}) | ${formatShare(alone, own, 2)}`;
  });
  return `| ${name} | ${cells.join(' | ')} |`;
}

/**
 * The row of the limit without answers that may be out of date: VictoriaMetrics answers one query at a time, and the answer
 * goes to all clients. `oneMs` is what VictoriaMetrics alone takes for one client.
 */
function limitRow({ settled, current }: Results, oneMs: number): string {
  const fromMemoryUs = settled[MEMORY]?.median ?? Number.NaN;
  const limitUs = (oneMs * 1000) / CONNECTIONS + fromMemoryUs;
  const share = (current.VictoriaMetrics?.median ?? Number.NaN) / limitUs;
  return `| one answer for all clients | – | – | – | – | ${rate(limitUs)} | **${share.toFixed(2)}** |`;
}

async function measure(urls: Record<Loaded, string>, folder: string, encoding: string): Promise<Results> {
  for (const name of CANDIDATES) await load(urls[name], join(folder, 'different'), encoding, WARM_UP_SECONDS);
  const results: Partial<Results> = {};
  for (const script of Object.keys(SCRIPTS) as Script[]) {
    const names = script === 'settled' ? [...CANDIDATES, MEMORY] : CANDIDATES;
    const loads = names.map((name) => [
      name,
      () => load(urls[name as Loaded], join(folder, script), encoding),
    ]);
    results[script] = await alternate(Object.fromEntries(loads), ROUNDS);
  }
  return results as Results; // the loop above set all
}

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;

try {
  const candidates = await startAll();
  const urls = {
    ...candidates,
    [MEMORY]: await startMemory(`${candidates.VictoriaMetrics}?query=b&${range}`),
  };
  const folder = await temporaryFolder(scope);
  for (const [name, script] of Object.entries(SCRIPTS)) await writeFile(join(folder, name), script);
  const tables: string[] = [];
  for (const encoding of ENCODINGS) {
    const results = await measure(urls, folder, encoding);
    const { median } = summarize(await latencies(urls.VictoriaMetrics, encoding));
    tables.push(`| ${CONNECTIONS} clients (${encoding}) of | different: requests/s | share | same, settled | share | same, ending now | share |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
${[...CANDIDATES, MEMORY].map((name) => row(name as Loaded, results)).join('\n')}
${limitRow(results, median)}`);
  }
  const single = Object.fromEntries(CANDIDATES.map((name) => [name, [] as number[]])) as Record<
    Candidate,
    number[]
  >;
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of CANDIDATES) single[name].push(...(await latencies(urls[name])));
  }
  const sorted = CANDIDATES.map((name) => [name, single[name].toSorted((a, b) => a - b)] as const);
  const [, alone = []] = sorted[0] ?? [];
  const added = sorted.map(([name, times]) => {
    const [p50, p99] = [0.5, 0.99].map((share) => percentile(times, share) - percentile(alone, share));
    const median = summarize(times).median.toFixed(2);
    return `| ${name} | ${median} | ${p50?.toFixed(2)} | ${p99?.toFixed(2)} |`;
  });
  process.stdout.write(`Range queries of ${POINTS} points in ${SERIES} series. The tables show requests per second, and their
share of what VictoriaMetrics does alone. Targets: the share of the bare proxy when clients send different queries; 40
(gzip) and 14 (identity) when they send the same settled one, 20 when it ends now. Browsers, Grafana and promtool accept gzip (28 kB here). The second table is for clients that
do not (150 kB). Before each table, each candidate gets different queries for ${WARM_UP_SECONDS} s. Each may send ${UPSTREAM_CONNECTIONS} at once to
VictoriaMetrics; the default of the query API is 16.

${tables.join('\n\n')}

The query API keeps a settled response for ten seconds. It sends a query that ends now to the TSDB once, for all clients
that send it at the same time. "From memory" is a bare \`node:http\` server with the bytes in memory: the most that Node
can do. The last row is calculated: the time that VictoriaMetrics alone takes for one client, and that of \`node:http\` to send
the answer to ${CONNECTIONS}. More is possible only with answers that may be out of date.

The next table shows milliseconds for one client, and what each candidate adds to VictoriaMetrics alone. Targets: those of
the bare proxy and a tenth, and at most 1 ms at the 99th percentile. ${(ROUNDS * LATENCY_REQUESTS).toLocaleString('en')} requests of each.

| candidate | median | added p50 | added p99 |
| --- | ---: | ---: | ---: |
${added.join('\n')}

wrk and all servers share the cores of the machine, so a proxy takes its time from VictoriaMetrics. The bare proxy is
\`node:http\` and undici only. Node itself makes it slower than nginx. The query API parses, checks, shares and counts each query;
it makes up for that with connections of its own in place of undici.
`);
} finally {
  await agent.close();
  for (const step of steps.reverse()) await step();
}
