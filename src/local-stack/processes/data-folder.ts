import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { folderUnusable, isDiskFull } from '../command-line/errors.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts';

/** A child process as this start writes it down for the next start. */
export interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
}

/**
 * The folder with data, logs and a record of the child processes. Only one start at a time may use it: two Redis
 * servers that append to one file would destroy it.
 */
export class DataFolder {
  readonly path: string;
  readonly logs: string;
  readonly #lock: string;
  readonly #records: string;
  #processes: ProcessRecord[];

  /**
   * Throws ASDLC_FOLDER_UNUSABLE when another start uses the folder, or when this user cannot write to it. Throws the
   * error of the file system when the disk is full.
   */
  constructor(path: string) {
    this.path = resolve(path);
    this.logs = join(this.path, 'logs');
    this.#lock = join(this.path, 'local-stack.lock');
    this.#records = join(this.path, 'processes.json');
    this.folder('logs');
    this.#claim();
    this.#processes = readJson<ProcessRecord[]>(this.#records) ?? [];
  }

  /** Returns the path of a folder in it, and creates that folder when it is missing. */
  folder(name: string): string {
    const path = join(this.path, name);
    try {
      mkdirSync(path, { recursive: true });
    } catch (error) {
      if (isDiskFull(error)) throw error;
      throw folderUnusable(
        `ASDLC_DATA_DIR: expected a folder that this user can write to; got ${(error as Error).message}`,
      );
    }
    return path;
  }

  /** Returns a path under it in a short form, relative to the current folder where that is shorter to read. */
  shown(path: string): string {
    const short = relative('', path);
    return short.startsWith('..') ? path : short;
  }

  /** Child processes of an earlier start that still run. */
  leftovers(): readonly ProcessRecord[] {
    return this.#processes.filter(isRunning);
  }

  record(process: ProcessRecord): void {
    this.#write([...this.#processes, process]);
  }

  /** A failure to write does not matter: the next start sees that the process has ended. */
  forget(pid: number): void {
    try {
      this.#write(this.#processes.filter((process) => process.pid !== pid));
    } catch {
      // the disk is full, most likely
    }
  }

  /** Lets the next start use the folder. */
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
        const { code, message } = error as NodeJS.ErrnoException; // what the file system throws
        if (isDiskFull(error)) {
          this.release(); // the file may exist, and be empty
          throw error;
        }
        if (code !== 'EEXIST' || attempt === 3) {
          throw folderUnusable(`Cannot lock ${this.shown(this.path)}: ${message}`);
        }
      }
      const holder = readJson<ProcessRecord>(this.#lock);
      if (holder && isRunning(holder)) {
        throw folderUnusable(
          `Another local stack (process ${holder.pid}) uses ${this.shown(this.path)}. Stop it first, or set ASDLC_DATA_DIR to another folder.`,
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

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T; // an earlier start wrote it
  } catch {
    return undefined;
  }
}
