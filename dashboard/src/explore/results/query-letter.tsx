import './query-letter.css';

export interface QueryLetterProps {
  readonly letter: string;
  readonly isSmall?: boolean;
}

/** The letter that ties a query to its results. */
export function QueryLetter({ letter, isSmall = false }: QueryLetterProps) {
  return (
    <span class={isSmall ? 'query-letter query-letter-small' : 'query-letter'} aria-hidden={!isSmall}>
      {letter}
    </span>
  );
}
