import './help-dialog.css';
import { Dialog } from '../ui/dialogs/dialog.tsx';
import { areShortcutsOn, SHORTCUTS, setShortcuts } from './shortcuts.ts';

/** What the page can do, by mouse and by keyboard. */
export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Help" onClose={onClose}>
      <section class="help">
        <h3>Charts</h3>
        <p>
          Drag over a chart to zoom all charts; double-click to go back. Click a series to hide it; Shift and
          click to show it alone. Click a panel's title to enlarge it. The URL holds the whole view: copy it
          to share what you see.
        </p>
        <p>
          Click a point of a chart for the tasks behind it. In an enlarged chart the arrow keys move the
          crosshair, and Enter does the same.
        </p>
        <p>
          A diamond on a latency chart is one observation whose trace is known: click it to open the trace. A
          triangle at the upper edge is one that is slower than the chart is high.
        </p>
        <h3>Keys</h3>
        <dl class="help-keys">
          {SHORTCUTS.map(({ keys, text }) => (
            <div key={text}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        <label class="help-switch">
          <input
            type="checkbox"
            checked={areShortcutsOn.value}
            onChange={(event) => setShortcuts(event.currentTarget.checked)}
          />
          Use these keys
        </label>
        <h3>More</h3>
        <p>
          <a href="/docs">The API's documentation</a> and <a href="/metrics">this service's raw metrics</a>.
        </p>
      </section>
    </Dialog>
  );
}
