import { type Measured, ratioOf } from './measure.ts';

/** One row of a table: the cost of each candidate, and the target for the ratio of the peer to asdlc. */
export interface Row {
  readonly what: string;
  readonly measured: Readonly<Record<string, Measured>>;
  /** For example `≥ 40 ×`. */
  readonly target?: string;
}

/** The client that asdlc is compared with. */
export const PEER = '@prometheus-io/client';

/** Returns a share with the quartiles of its pairs: how much less `peer` costs. */
export function formatShare(peer: Measured, own: Measured, digits: number): string {
  const { median, low, high } = ratioOf(peer, own);
  return `**${median.toFixed(digits)}** (${low.toFixed(digits)} – ${high.toFixed(digits)})`;
}

/** Returns a Markdown table of medians with quartiles, and the ratio of the peer's cost to that of asdlc. */
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
  const { median, low, high } = ratioOf(peer, ours);
  const shown = (ratio: number) => (ratio < 10 ? ratio.toFixed(1) : String(Math.round(ratio)));
  return `**${shown(median)} ×**${low === high ? '' : ` (${shown(low)} – ${shown(high)})`}`;
}

function formatCost(cost: number): string {
  if (cost >= 100) return Math.round(cost).toLocaleString('en');
  return cost >= 10 ? cost.toFixed(1) : cost.toFixed(2);
}
