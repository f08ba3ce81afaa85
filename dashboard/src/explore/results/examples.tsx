import './examples.css';
import { EmptyState } from '../../ui/status/empty-state.tsx';
import { QueryChoice } from './query-choice.tsx';

const EXAMPLES: readonly { readonly text: string; readonly query: string }[] = [
  { text: 'Scrape targets', query: 'up' },
  { text: 'Requests a second', query: 'sum by (service, status) (rate(asdlc_http_requests_total[1m]))' },
  {
    text: 'Run time, p95',
    query:
      'histogram_quantile(0.95, sum by (le, event_type) (rate(asdlc_event_duration_seconds_bucket[5m])))',
  },
  { text: 'Tasks by state', query: 'asdlc_queue_tasks' },
  { text: 'Most memory', query: 'topk(5, asdlc_process_memory_bytes)' },
];

/** What the page shows before the first query. */
export function Examples({ onChoose }: { readonly onChoose: (query: string) => void }) {
  return (
    <EmptyState icon="explore" title="Query any metric" isWide>
      <p>Write a query above, or start with one of these:</p>
      <ul class="examples">
        {EXAMPLES.map(({ text, query }) => (
          <li key={query}>
            <QueryChoice query={query} text={text} onChoose={onChoose} />
          </li>
        ))}
      </ul>
    </EmptyState>
  );
}
