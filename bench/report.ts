import type { Measured } from './measure.ts';

/** One line of a table: what each candidate took, and what is wanted of ours against a peer. */
export interface Row {
  readonly what: string;
  readonly measured: Readonly<Record<string, Measured>>;
  /** For example `≥ 40 ×`. */
  readonly target?: string;
}

/** The client that ours is compared with. */
export const PEER = '@prometheus-io/client';

/** A table of medians with their quartiles, and how many times less than the peer ours took. */
export function formatTable(unit: string, rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap(({ measured }) => Object.keys(measured)))];
  const head = [unit, ...names, `${PEER} : asdlc`, 'target'];
  const body = rows.map(({ what, measured, target = '' }) => [
    what,
    ...names.map((name) => formatMeasured(measured[name])),
    formatRatio(measured[PEER], measured.asdlc),
    target,
  ]);
  const lines = [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...body];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

function formatMeasured(measured: Measured | undefined): string {
  if (measured === undefined) return '–';
  const { median, low, high } = measured;
  return low === high
    ? formatCost(median)
    : `${formatCost(median)} (${formatCost(low)} – ${formatCost(high)})`;
}

function formatRatio(peer: Measured | undefined, ours: Measured | undefined): string {
  if (peer === undefined || ours === undefined) return '–';
  const ratio = peer.median / ours.median;
  return `**${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)} ×**`;
}

function formatCost(cost: number): string {
  if (cost >= 100) return Math.round(cost).toLocaleString('en');
  return cost >= 10 ? cost.toFixed(1) : cost.toFixed(2);
}
