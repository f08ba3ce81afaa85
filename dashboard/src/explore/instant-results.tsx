import type { InstantAnswer } from './answer.ts';
import { SampleTable } from './sample-table.tsx';

export interface InstantResultsProps {
  readonly answers: readonly { readonly letter: string; readonly answer: InstantAnswer }[];
}

/** Instant queries, a table each. */
export function InstantResults({ answers }: InstantResultsProps) {
  return (
    <>
      {answers.map(({ letter, answer }) => (
        <div key={letter} class="sample-block">
          {answers.length > 1 && (
            <h2 class="sample-title">
              <span class="query-letter">{letter}</span>
              <code title={answer.query}>{answer.query}</code>
            </h2>
          )}
          {answer.samples.length === 0 ? (
            <p class="results-note">No series match</p>
          ) : (
            <SampleTable answer={answer} letter={letter} />
          )}
        </div>
      ))}
    </>
  );
}
