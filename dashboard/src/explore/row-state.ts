import type { Answer, AnswerKind, InstantAnswer, RangeAnswer } from './answer.ts';

/** What a poller says, as far as it matters here. */
interface Heard {
  readonly data: Answer | undefined;
  readonly error: object | undefined;
}

/** What is known of a row: how its present question goes, and the last answer of each kind that it got. */
export interface RowState {
  readonly polled: Heard;
  readonly range?: RangeAnswer;
  readonly instant?: InstantAnswer;
}

/** With what the poller says now. An answer stays until another of its kind comes, even through an error. */
export function reported(before: RowState | undefined, polled: Heard): RowState {
  const { data } = polled;
  return { ...before, polled, ...(data !== undefined && { [data.kind]: data }) };
}

export type ResultsStatus = 'none' | 'loading' | 'error' | 'empty' | 'ok';

/** The state of all results together: the best of them, as each query says its own. */
export function resultsStatus(states: readonly RowState[], kind: AnswerKind): ResultsStatus {
  if (states.length === 0) return 'none';
  const answers = states.map((state) => state[kind]).filter((answer) => answer !== undefined);
  if (answers.some((answer) => !isEmptyAnswer(answer))) return 'ok';
  if (states.some((state) => state[kind] === undefined && state.polled.error === undefined)) return 'loading';
  return answers.length === 0 ? 'error' : 'empty';
}

/** Whether something is shown that does not answer what is asked now, or no longer. */
export function isStale(state: RowState, kind: AnswerKind): boolean {
  return state[kind] !== undefined && state.polled.error !== undefined;
}

export function isEmptyAnswer(answer: Answer): boolean {
  return (answer.kind === 'range' ? answer.series : answer.samples).length === 0;
}
