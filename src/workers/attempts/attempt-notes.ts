import { MAX_LINES } from '../../shared/queue/bullmq-logs.ts';
import type { TaskRecord } from '../../shared/queue/queue.ts';

export interface NumberedLine {
  /** 1 is the first line of the attempt. */
  readonly number: number;
  readonly text: string;
}

/** What a handler tells while it runs: its log lines, of which the last 100 count, and its progress. */
export class AttemptNotes {
  readonly task: TaskRecord;
  readonly attempt: number;
  /** Whether a command is on its way that keeps some of this. */
  isWriting = false;
  readonly #onChange: (notes: AttemptNotes) => void;
  #lines: NumberedLine[] = [];
  #lastNumber = 0;
  #progress: { readonly value: unknown } | undefined;
  #isOver = false;

  constructor(task: TaskRecord, onChange: (notes: AttemptNotes) => void) {
    this.task = task;
    this.attempt = task.attemptsMade + 1;
    this.#onChange = onChange;
  }

  /** Takes a line as pino writes it, but not twice: a thread may tell it again. */
  line(text: string, number = this.#lastNumber + 1): void {
    if (number <= this.#lastNumber) return;
    this.#lastNumber = number;
    this.#lines.push({ number, text });
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    this.#onChange(this);
  }

  /** Takes a value that is JSON, until the attempt has ended: another one may report by then. */
  progress(value: unknown): void {
    if (this.#isOver) return;
    this.#progress = { value };
    this.#onChange(this);
  }

  /** The attempt has ended. `isLost`: another worker has the task. */
  end(isLost: boolean): void {
    this.#isOver = true;
    if (isLost) this.#progress = undefined;
  }

  /** Returns what is new since the last call. */
  take(): {
    readonly lines: readonly NumberedLine[];
    readonly progress: { readonly value: unknown } | undefined;
  } {
    const taken = { lines: this.#lines, progress: this.#progress };
    this.#lines = [];
    this.#progress = undefined;
    return taken;
  }
}
