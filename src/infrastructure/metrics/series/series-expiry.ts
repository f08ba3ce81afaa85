import type { SeriesTable } from './series-table.ts';

/** Removes series that nobody wrote to for some time. */
export class SeriesExpiry {
  readonly #table: SeriesTable;
  readonly #idleMs: number;
  /** Oldest first. What changed up to `epoch` was written before `timeMs`. */
  readonly #checkpoints: { readonly epoch: number; readonly timeMs: number }[] = [];

  /** With `idleMs` of Infinity no series is removed. */
  constructor(table: SeriesTable, idleMs: number) {
    this.#table = table;
    this.#idleMs = idleMs;
  }

  /** Removes each series that nobody wrote to since a call at least `idleMs` ago. */
  removeIdle(nowMs: number): void {
    if (this.#idleMs === Infinity) return;
    const checkpoints = this.#checkpoints;
    checkpoints.push({ epoch: this.#table.checkpoint(), timeMs: nowMs });
    const deadlineMs = nowMs - this.#idleMs;
    const next = checkpoints.findIndex(({ timeMs }) => timeMs > deadlineMs);
    const due = checkpoints[next - 1];
    if (due === undefined) return;
    this.#table.removeUnchangedSince(due.epoch);
    checkpoints.splice(0, next);
  }
}
