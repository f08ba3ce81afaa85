import './swatch.css';
import type { SeriesStyle } from '../series/series-style.ts';

/** A sample of a series' line: colour, dash and width. */
export function Swatch({ series }: { readonly series: SeriesStyle }) {
  return (
    <svg class="swatch" viewBox="0 0 22 4" aria-hidden="true" focusable="false">
      <line
        x1="0"
        y1="2"
        x2="22"
        y2="2"
        style={{ stroke: `var(${series.color})`, strokeWidth: `${(series.width ?? 1.5) + 0.5}` }}
        stroke-dasharray={series.dash?.join(' ')}
      />
    </svg>
  );
}
