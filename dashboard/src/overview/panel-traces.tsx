import './panel-traces.css';
import type { ChartExemplar } from '../charts/plot/exemplars.ts';
import { formatValue, type Unit } from '../format/quantity.ts';
import { formatTime } from '../format/time.ts';
import { CopyButton } from '../ui/buttons/copy-button.tsx';
import { isUtc } from '../view/view.ts';

const MOST_ROWS = 10;

export interface PanelTracesProps {
  readonly exemplars: readonly ChartExemplar[];
  readonly unit: Unit;
}

/** The slowest observations whose traces are known, for the keyboard and screen readers: the chart has them as dots. */
export function PanelTraces({ exemplars, unit }: PanelTracesProps) {
  if (exemplars.length === 0) return null;
  const slowest = exemplars.toSorted((a, b) => b.value - a.value).slice(0, MOST_ROWS);
  return (
    <table class="summary-table trace-table">
      <thead>
        <tr>
          <th scope="col">Slowest traces</th>
          <th scope="col">Took</th>
          <th scope="col">At</th>
          <th scope="col">Trace</th>
        </tr>
      </thead>
      <tbody>
        {slowest.map((exemplar) => (
          <tr key={`${exemplar.traceId} ${exemplar.time} ${exemplar.value}`}>
            <th scope="row">{exemplar.text}</th>
            <td>{formatValue(exemplar.value, unit)}</td>
            <td>{formatTime(exemplar.time, { isUtc: isUtc.value, show: 'time' })}</td>
            <td>
              <Trace exemplar={exemplar} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Trace({ exemplar: { traceId, url } }: { readonly exemplar: ChartExemplar }) {
  if (url === undefined) {
    return (
      <>
        <code class="trace-id">{traceId}</code>
        <CopyButton what="trace id" of={traceId} text={() => traceId} />
      </>
    );
  }
  return (
    <a class="trace-id" href={url} target="_blank" rel="noreferrer">
      {traceId}
    </a>
  );
}
