import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { folderUnusable } from './errors.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';

/** A process that the stack started, as it is written down for the next start. */
export interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
}

/**
 * The folder with data, logs and the record of what runs on them. One start at a time has it: two Redis servers
 * that append to one file would destroy it.
 */
export class DataFolder {
  readonly path: string;
  readonly logs: string;
  readonly #lock: string;
  readonly #records: string;
  #processes: ProcessRecord[];

  /** Throws ASDLC_FOLDER_UNUSABLE when another start runs on the folder, or it cannot be written. */
  constructor(path: string) {
    this.path = resolve(path);
    this.logs = join(this.path, 'logs');
    this.#lock = join(this.path, 'local-stack.lock');
    this.#records = join(this.path, 'processes.json');
    this.folder('logs');
    this.#claim();
    this.#processes = readJson<ProcessRecord[]>(this.#records) ?? [];
  }

  /** A folder in it, made when missing. */
  folder(name: string): string {
    const path = join(this.path, name);
    try {
      mkdirSync(path, { recursive: true });
    } catch (error) {
      throw folderUnusable(
        `ASDLC_DATA_DIR: expected a folder that can be written; ${(error as Error).message}`,
      );
    }
    return path;
  }

  /** A path under it as a person would type it here. */
  shown(path: string): string {
    const short = relative('', path);
    return short.startsWith('..') ? path : short;
  }

  /** Processes of an earlier start that still run. */
  leftovers(): readonly ProcessRecord[] {
    return this.#processes.filter(isRunning);
  }

  record(process: ProcessRecord): void {
    this.#write([...this.#processes, process]);
  }

  forget(pid: number): void {
    this.#write(this.#processes.filter((process) => process.pid !== pid));
  }

  release(): void {
    rmSync(this.#lock, { force: true });
  }

  #claim(): void {
    const own = identifyProcess(process.pid) ?? { pid: process.pid, startedAt: '', command: '' };
    for (let attempt = 1; ; attempt++) {
      try {
        writeFileSync(this.#lock, JSON.stringify({ ...own, name: 'local-stack' }), { flag: 'wx' });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 3) {
          throw folderUnusable(`Cannot lock ${this.shown(this.path)}: ${(error as Error).message}`);
        }
      }
      const holder = readJson<ProcessRecord>(this.#lock);
      if (holder && isRunning(holder)) {
        throw folderUnusable(
          `Another start (process ${holder.pid}) runs on ${this.shown(this.path)}: stop it first, or set ASDLC_DATA_DIR to another folder`,
        );
      }
      rmSync(this.#lock, { force: true });
    }
  }

  #write(processes: ProcessRecord[]): void {
    this.#processes = processes;
    writeFileSync(`${this.#records}.new`, JSON.stringify(processes));
    renameSync(`${this.#records}.new`, this.#records);
  }
}

/** Compared without the command: redis-server rewrites its own. */
export function isRunning({ pid, startedAt }: ProcessRecord): boolean {
  return identifyProcess(pid)?.startedAt === startedAt;
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T; // written by an earlier start
  } catch {
    return undefined;
  }
}
