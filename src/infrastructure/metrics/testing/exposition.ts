/** What the reader of an exposition returns: families, and what is wrong with the text. */

export type ExpositionFormat = 'text' | 'openmetrics';

export interface ParsedExemplar {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  /** Seconds. */
  readonly timestamp: number | undefined;
}

export interface ParsedSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  /** Milliseconds in the text format, seconds in OpenMetrics. */
  readonly timestamp: number | undefined;
  readonly exemplar: ParsedExemplar | undefined;
  /** The number of its line, from 1. */
  readonly line: number;
}

export interface ParsedFamily {
  readonly name: string;
  /** `untyped` or `unknown` without a TYPE line. */
  readonly type: string;
  readonly help: string | undefined;
  readonly unit: string | undefined;
  readonly samples: readonly ParsedSample[];
  /** The number of its first line, from 1. */
  readonly line: number;
}

/** Something wrong with an exposition. */
export interface Finding {
  /** Its name, such as `duplicate-series`. */
  readonly rule: string;
  /** An error breaks the format: a scraper refuses or misreads it. Advice is about names and order. */
  readonly severity: 'error' | 'advice';
  /** The number of the line, from 1. */
  readonly line: number;
  /** The family, where the reader knows it. */
  readonly metric?: string;
  readonly expected: string;
  readonly got: string;
}

/** `line 3: expected a number; got "x"`. */
export function messageOf({ line, expected, got }: Pick<Finding, 'line' | 'expected' | 'got'>): string {
  return `line ${line}: expected ${expected}; got ${got}`;
}

/** Thrown for a text that breaks its format. */
export class ExpositionError extends Error {
  override readonly name = 'ExpositionError';
  readonly code = 'METRICS_BAD_EXPOSITION';
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(messageOf(finding));
    this.finding = finding;
  }
}

/** The number that a bound or quantile stands for. NaN for anything else. */
export function toNumber(text: string | undefined): number {
  if (text === undefined || text.trim() === '') return Number.NaN;
  const infinity = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
  return Number(text);
}
