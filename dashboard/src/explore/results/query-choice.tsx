import './query-choice.css';

export interface QueryChoiceProps {
  readonly query: string;
  /** Beside the query: what it shows, or when it ran. */
  readonly text: string;
  readonly onChoose: (query: string) => void;
}

/** A query in a list of queries. A click chooses it. */
export function QueryChoice({ query, text, onChoose }: QueryChoiceProps) {
  return (
    <button type="button" class="query-choice" onClick={() => onChoose(query)}>
      <code title={query}>{query}</code>
      <span>{text}</span>
    </button>
  );
}
