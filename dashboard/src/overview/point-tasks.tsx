import './point-tasks.css';
import { useEffect, useRef } from 'preact/hooks';
import { formatTime } from '../format/time.ts';
import { Button } from '../ui/buttons/button.tsx';
import { isUtc } from '../view/view.ts';
import { TaskLinks, type TaskLinksProps } from './task-links.tsx';

/** The tasks behind one point of a chart. It takes the focus, and goes at Escape or when the focus leaves it. */
export function PointTasks({ onClose, ...props }: TaskLinksProps & { readonly onClose: () => void }) {
  const root = useRef<HTMLElement>(null);
  const { start, end } = props.window;
  useEffect(() => root.current?.querySelector('a')?.focus(), [start, end]);
  const time = (seconds: number) => formatTime(seconds, { isUtc: isUtc.value, show: 'time' });
  return (
    <section
      ref={root}
      class="point-tasks"
      aria-label="Tasks at this point"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault(); // a dialog around it stays
        event.stopPropagation();
        onClose();
      }}
      onFocusOut={(event) => {
        const next = event.relatedTarget;
        if (next instanceof Node && !root.current?.contains(next)) onClose();
      }}
    >
      <span class="point-tasks-time">
        {time(start)} – {time(end)}
        {isUtc.value && ' UTC'}
      </span>
      <TaskLinks {...props} />
      <Button kind="quiet" icon="cross" label="Close" onClick={onClose} />
    </section>
  );
}
