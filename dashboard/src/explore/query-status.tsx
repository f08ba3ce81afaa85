import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/api-error.ts';
import type { Polled } from '../api/poller.ts';
import { usePolled } from '../api/use-polled.ts';
import { formatTime, formatValue } from '../format.ts';
import { announce } from '../ui/announce.tsx';
import { Badge } from '../ui/badge.tsx';
import { isUtc, view } from '../view.ts';
import { type Answer, type AnswerKind, countOf } from './answer.ts';
import { ask, type Question, questionKey } from './ask.ts';
import { remember } from './history.ts';
import { isEmptyAnswer } from './row-state.ts';
import { tableOf } from './table.ts';

export interface QueryStatusProps {
  readonly query: string;
  readonly letter: string;
  readonly kind: AnswerKind;
  readonly points: number;
  /** Whether a former answer is still shown. */
  readonly isShown: boolean;
  readonly onReport: (polled: Polled<Answer>) => void;
}

/** Asks a query at the view's pace, and says how that went. */
export function QueryStatus({ query, letter, kind, points, isShown, onReport }: QueryStatusProps) {
  const question = { query, kind, view: view.value, points };
  const key = questionKey(question);
  const polled = useAnswer(question, key);
  const isNew = polled.data?.key !== key;
  useEffect(() => onReport(polled), [polled]);
  const told = useRef('');
  useEffect(() => {
    const said = polled.error?.reason ?? (polled.data === undefined || isNew ? '' : countText(polled.data));
    if (said === '' || told.current === key + (polled.error?.reason ?? '')) return;
    told.current = key + (polled.error?.reason ?? '');
    announce(`Query ${letter}: ${said}`);
    if (polled.error === undefined) remember(window.localStorage, query, Date.now() / 1000);
  }, [polled]);

  if (polled.error !== undefined) return <Failure polled={polled} isShown={isShown} />;
  if (polled.data === undefined || isNew) return <p class="query-note">Running…</p>;
  return (
    <p class="query-note">
      {countText(polled.data)} in {formatValue(polled.data.tookSeconds, 'seconds')}
    </p>
  );
}

function Failure({ polled, isShown }: { readonly polled: Polled<Answer>; readonly isShown: boolean }) {
  const { error, updatedAt, status } = polled;
  return (
    <div class="query-failure">
      <p class="query-error">{error?.reason}</p>
      {isShown && (
        <Badge tone="warning">
          {status === 'stale'
            ? `Stale since ${formatTime(updatedAt ?? 0, { isUtc: isUtc.value, show: 'time' })}`
            : 'The answer before is shown'}
        </Badge>
      )}
    </div>
  );
}

/** A window of the past, and a query that was refused, are asked for once. */
function useAnswer(question: Question, key: string): Polled<Answer> {
  const [refused, setRefused] = useState('');
  const { window } = question.view;
  const isPast = window !== null && window.end < Date.now() / 1000;
  return usePolled<Answer>({
    key,
    load: async (signal) => {
      try {
        return await ask(question, signal);
      } catch (error) {
        if (error instanceof ApiError && (error.status === 400 || error.status === 422)) setRefused(key);
        throw error;
      }
    },
    isEmpty: isEmptyAnswer,
    ...((isPast || refused === key) && { refreshSeconds: 0 }),
  }).polled;
}

function countText(answer: Answer): string {
  const count = countOf(answer);
  if (count === 0) return 'No series match';
  const isMatrix = answer.kind === 'instant' && tableOf(answer.samples).hasTimes;
  return `${count.toLocaleString('en')} ${isMatrix ? 'samples' : 'series'}`;
}
