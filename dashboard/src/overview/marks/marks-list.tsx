import './marks-list.css';
import { formatTime } from '../../format/time.ts';
import { hrefTo, isUtc } from '../../view/view.ts';
import { markedTask, marks, useMarks } from './use-marks.ts';

/** The marks of the charts as text. It stands below the panels: what comes late moves nothing. */
export function MarksList() {
  useMarks();
  if (marks.value.length === 0) return null;
  return (
    <section class="marks" aria-label="Marks">
      <h2 class="marks-title">Marked in the charts</h2>
      <ul>
        {marks.value.map(({ time, text }) => (
          <li key={`${time} ${text}`}>
            <time class="marks-time">{formatTime(time, { isUtc: isUtc.value })}</time>{' '}
            {text === markedTask.value?.text ? (
              <a href={hrefTo(`/tasks/${encodeURIComponent(markedTask.value.task)}`)}>{text}</a>
            ) : (
              text
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
