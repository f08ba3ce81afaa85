import './../ui/forms/form.css';
import './compare-select.css';
import { changeView, view } from '../view/view.ts';
import { COMPARISONS, comparisonOf } from '../view/view-parameters.ts';

/** Whether charts also draw what was so long before. */
export function CompareSelect() {
  return (
    <select
      class="select compare-select"
      aria-label="Compare with (c)"
      title="Compare with an earlier time (c)"
      value={view.value.compare ?? ''}
      onChange={(event) => changeView({ compare: comparisonOf(event.currentTarget.value) })}
    >
      <option value="">No comparison</option>
      {COMPARISONS.map(({ offset, text }) => (
        <option key={offset} value={offset}>
          vs {text}
        </option>
      ))}
    </select>
  );
}
