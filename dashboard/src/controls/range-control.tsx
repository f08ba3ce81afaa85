import './range-control.css';
import { useState } from 'preact/hooks';
import { formatTime } from '../format/time.ts';
import { lazyDialog } from '../lazy/lazy-dialog.tsx';
import { Button } from '../ui/buttons/button.tsx';
import { Tabs } from '../ui/buttons/tabs.tsx';
import { changeView, isUtc, moveWindow, scaleWindow, view } from '../view/view.ts';
import { RANGES, type TimeWindow } from '../view/view-parameters.ts';
import { ControlGroup } from './control-group.tsx';

const AbsoluteRangeDialog = lazyDialog(() =>
  import('./absolute-range-dialog.tsx').then(({ AbsoluteRangeDialog }) => AbsoluteRangeDialog),
);

/** How far back, or between which two times; with buttons to move the window and to zoom out. */
export function RangeControl() {
  const { range, window } = view.value;
  const [isChoosing, setChoosing] = useState(false);
  const choices = RANGES.map((value) => ({ value, text: value, title: `The last ${value}` }));
  const chosen = window === null ? (RANGES.find((value) => value === range) ?? null) : null;
  return (
    <div class="range-control">
      <Tabs
        label="Time range"
        choices={choices}
        value={chosen}
        onChoose={(value) => changeView({ range: value, window: null })}
      />
      <ControlGroup>
        <Button icon="left" label="Earlier ([)" onClick={() => moveWindow(-0.5)} />
        <Button
          class={`range-custom${window === null ? '' : ' range-between'}`}
          icon="clock"
          isPressed={chosen === null}
          title="Choose an absolute time range"
          onClick={() => setChoosing(true)}
        >
          {window === null ? `Last ${range}` : <Between {...window} />}
        </Button>
        <Button icon="right" label="Later (])" isDisabled={window === null} onClick={() => moveWindow(0.5)} />
        <Button icon="zoomOut" label="Zoom out (-)" onClick={() => scaleWindow(2)} />
      </ControlGroup>
      {isChoosing && <AbsoluteRangeDialog onClose={() => setChoosing(false)} />}
    </div>
  );
}

/** Both times, one below the other, so that the button keeps its width. Across a new year they are dates. */
function Between({ start, end }: TimeWindow) {
  const times = [start, end].map((time) => formatTime(time, { isUtc: isUtc.value }));
  const [from = '', to = ''] = times;
  const isSameYear = from.slice(0, 4) === to.slice(0, 4);
  const short = (time: string) => (isSameYear ? time.slice(5, 16) : time.slice(0, 10));
  return (
    <span class="range-times" title={times.join(' – ')}>
      <span>{short(from)}</span>
      <span>– {short(to)}</span>
    </span>
  );
}
