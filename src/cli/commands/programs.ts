import type { Command } from '../command.ts';

/* What the help says of the commands that are programs of their own. */

function program(description: string, options: Command['options'] = {}): Command {
  const run = () => Promise.reject(new Error('expected startProgram to start this command'));
  return { usage: '', description, options, arguments: { least: 0, most: 0 }, run };
}

export const start = program(
  `Starts Redis, VictoriaMetrics, the orchestrator and the workers on this machine. Ctrl-C stops them.
Where Redis or VictoriaMetrics is missing, it says what it would install, and asks first.
The workers load handlers.ts (or .mts, .js, .mjs) of this folder, and start again when a file beside it changes.

REDIS_URL, VICTORIAMETRICS_URL   servers of yours, to be used instead of new ones
WORKER_HANDLERS                  another module of handlers
ORCHESTRATOR_PORT, WORKERS_PORT  ports of the two services (default: 8080 and 8081)
ASDLC_DATA_DIR                   folder for data and logs (default: .asdlc)
ASDLC_YES=1, ASDLC_NO_APT=1      install missing programs without a question; never use apt`,
  {
    demo: {
      type: 'boolean',
      description: 'also starts a program that submits tasks, so that the charts move',
    },
  },
);

export const orchestrator = program(
  `Runs the orchestrator: the HTTP API, the query API and the dashboard.
Variables such as REDIS_URL, VICTORIAMETRICS_URL, SERVICE_HOST and SERVICE_PORT set it up: see docs/configuration.md.
SIGTERM stops it.`,
);

export const workers = program(
  `Runs a worker process with the handlers of WORKER_HANDLERS, else of handlers.ts (or .mts, .js, .mjs) in this folder.
Variables such as REDIS_URL, WORKER_POOL_SIZE, SERVICE_HOST and SERVICE_PORT set it up: see docs/configuration.md.
SIGTERM lets running tasks end first.`,
);
