import type { Handlers } from '../../src/workers/handler.ts';
import { httpAgent } from './http-agent.ts';
import { program } from './program.ts';
import { repositoryReport } from './repository-report.ts';
import { loadSettings, type Settings } from './settings.ts';

const TIMEOUT_MS = 300_000;
const MAX_RESULT_BYTES = 1_048_576;

/** Returns the handlers for these settings. `agent.call` and `program.run` exist only when the operator has set them. */
export function createHandlers({ workspacePath, agent, programCommand }: Settings): Handlers {
  return {
    'repository.report': repositoryReport(workspacePath),
    ...(agent && {
      'agent.call': httpAgent({
        url: agent.url,
        headers: agent.token === undefined ? {} : { authorization: `Bearer ${agent.token}` },
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: MAX_RESULT_BYTES,
      }),
    }),
    ...(programCommand && {
      'program.run': program({
        command: programCommand,
        timeoutMs: TIMEOUT_MS,
        maxOutputBytes: MAX_RESULT_BYTES,
      }),
    }),
  };
}

export const handlers: Handlers = createHandlers(loadSettings(process.env));
