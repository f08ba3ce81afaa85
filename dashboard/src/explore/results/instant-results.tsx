import './instant-results.css';
import './results.css';
import { QueryLetter } from './query-letter.tsx';
import type { InstantResult } from './query-result.ts';
import { SampleTable } from './sample-table.tsx';

export interface InstantResultsProps {
  readonly results: readonly { readonly letter: string; readonly result: InstantResult }[];
}

/** A table for each instant query. */
export function InstantResults({ results }: InstantResultsProps) {
  return (
    <>
      {results.map(({ letter, result }) => (
        <div key={letter} class="sample-block">
          {results.length > 1 && (
            <h2 class="sample-title">
              <QueryLetter letter={letter} isSmall />
              <code title={result.query}>{result.query}</code>
            </h2>
          )}
          {result.samples.length === 0 ? (
            <p class="results-note">No series match</p>
          ) : (
            <SampleTable result={result} letter={letter} />
          )}
        </div>
      ))}
    </>
  );
}
