import type { Redis } from 'ioredis';
import type { Logger } from '../../service/logging.ts';

/** The oldest Redis that has every command of asdlc's scripts; BullMQ recommends it too. */
const OLDEST_VERSION = [6, 2] as const;

/** What Redis's settings can be wrong in, so that accepted tasks may be lost. */
export const FINDINGS = ['maxmemory_policy', 'version', 'append_only_file'] as const;
export type FindingName = (typeof FINDINGS)[number];

export interface Finding {
  readonly finding: FindingName;
  readonly expected: string;
  readonly got: string;
}

/** INFO, unlike CONFIG, is allowed on managed servers. It comes by a script: so a Cluster sends it to the queue's node. */
const READ_INFO = `
local info = redis.pcall('INFO')
return type(info) == 'string' and info or ''
`;

/** Returns the text of INFO of the server that has the queue; empty where the user may not read it. */
export async function readInfo(redis: Redis, prefix: string): Promise<string> {
  return String(await redis.eval(READ_INFO, 1, `${prefix}:check`));
}

/** Returns what is wrong. What INFO does not show counts as right. */
export function findingsIn(info: string): Finding[] {
  const fieldOf = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const findings: Finding[] = [];
  const policy = fieldOf('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    findings.push({ finding: 'maxmemory_policy', expected: 'noeviction', got: policy });
  const version = fieldOf('redis_version');
  if (version !== undefined && isOlder(version))
    findings.push({ finding: 'version', expected: `${OLDEST_VERSION.join('.')} or newer`, got: version });
  if (fieldOf('aof_enabled') === '0')
    findings.push({ finding: 'append_only_file', expected: 'appendonly yes', got: 'appendonly no' });
  return findings;
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor < OLDEST_VERSION[1]);
}

export interface FindingsWatch {
  readonly prefix: string;
  readonly logger: Logger;
  /** Is told the state of each finding after each look. */
  readonly report: (finding: FindingName, isPresent: boolean) => void;
}

/** Looks at the server's settings each time the connection is made, and logs each finding when it is new. */
export function watchFindings(redis: Redis, { prefix, logger, report }: FindingsWatch): void {
  const known = new Map<FindingName, string>();
  const look = async () => {
    const info = await readInfo(redis, prefix).catch(() => '');
    if (info === '') return; // not known: INFO is forbidden, or Redis is away again
    const findings = findingsIn(info);
    for (const name of FINDINGS) {
      const found = findings.find(({ finding }) => finding === name);
      report(name, found !== undefined);
      if (found && known.get(name) !== found.got)
        logger.warn(found, 'redis is not set up as the queue needs it: accepted tasks may be lost');
      if (found) known.set(name, found.got);
      else known.delete(name);
    }
  };
  redis.on('ready', () => void look());
  if (redis.status === 'ready') void look();
}
