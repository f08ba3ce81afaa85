/** Returns rows as lines with aligned columns. The last column is cut where it would leave the terminal. */
export function tableLines(rows: readonly (readonly string[])[], columns: number | undefined): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)));
    const line = cells.join('  ').trimEnd();
    return columns === undefined || line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
  });
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** Returns a duration in its largest unit: `3 h`, `12 s`. */
export function shownDuration(seconds: number): string {
  for (const [unit, size] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return `${Math.max(0, Math.floor(seconds))} s`;
}

/** Returns how long ago a time of the API was; `-` for none. */
export function shownAge(time: string | null, nowMs: number): string {
  return time === null ? '-' : shownDuration((nowMs - Date.parse(time)) / 1000);
}
