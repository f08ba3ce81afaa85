import type { Stats } from 'node:fs';
import { basename, extname, relative } from 'node:path';
import { watch } from 'chokidar';

const SOURCES = new Set(['.ts', '.mts', '.js', '.mjs', '.json']);
/** Editors and formatters write a file more than once. */
const QUIET_MS = 100;

/** Tells of changes of the source files below a folder, and of no others: not of tests, packages and hidden folders. */
export class SourceWatch {
  readonly #folder: string;
  readonly #watcher: ReturnType<typeof watch>;
  #timer: NodeJS.Timeout | undefined;
  #change = new AbortController();

  constructor(folder: string) {
    this.#folder = folder;
    this.#watcher = watch(folder, {
      ignored: (path, stats) => this.#isIgnored(path, stats),
      ignoreInitial: true,
    });
    this.#watcher.on('all', (_, path) => this.#note(path));
    this.#watcher.on('error', () => undefined); // a folder went away, or the system watches no more of them
  }

  /**
   * Aborts at the next change, with the path as reason. A change that nobody has taken yet aborts it at once: call `take`
   * before a start, so that a change during the start counts.
   */
  get change(): AbortSignal {
    return this.#change.signal;
  }

  /** Forgets the changes so far. */
  take(): void {
    if (this.#change.signal.aborted) this.#change = new AbortController();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher.close();
  }

  #note(path: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#change.abort(relative(this.#folder, path)), QUIET_MS);
  }

  #isIgnored(path: string, stats: Stats | undefined): boolean {
    if (path === this.#folder) return false;
    const name = basename(path);
    if (name.startsWith('.') || name === 'node_modules') return true;
    return stats?.isFile() === true && (!SOURCES.has(extname(name)) || /\.test\.\w+$/.test(name));
  }
}
