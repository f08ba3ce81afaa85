import './toolbar.css';
import { refreshAll } from '../api/use-live-data.ts';
import { lazyDialog } from '../lazy/lazy-dialog.tsx';
import { page } from '../navigation/router.ts';
import '../ui/forms/form.css';
import { Button } from '../ui/buttons/button.tsx';
import { Tabs } from '../ui/buttons/tabs.tsx';
import { changeView, view } from '../view/view.ts';
import { REFRESH_SECONDS, refreshName, type TimeZoneChoice } from '../view/view-parameters.ts';
import { CompareSelect } from './compare-select.tsx';
import { ControlGroup } from './control-group.tsx';
import { RangeControl } from './range-control.tsx';
import { ServiceSelect } from './service-select.tsx';
import { isHelpOpen, nextTheme } from './shortcuts.ts';

const HelpDialog = lazyDialog(() => import('./help-dialog.tsx').then(({ HelpDialog }) => HelpDialog));

/** What the page shows and how: service, time range, refresh, time zone, theme. */
export function Toolbar() {
  const hasTime = page.value === 'overview' || page.value === 'explore';
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as one line in all browsers
    <div class="toolbar" role="group" aria-label="View">
      {hasTime && <ServiceSelect />}
      {hasTime && <RangeControl />}
      {page.value === 'overview' && <CompareSelect />}
      <RefreshControl />
      <Tabs<TimeZoneChoice>
        label="Time zone"
        choices={[
          { value: 'local', text: 'Local', title: localZone() },
          { value: 'utc', text: 'UTC' },
        ]}
        value={view.value.timeZone}
        onChoose={(timeZone) => changeView({ timeZone }, { push: false })}
      />
      <div class="toolbar-end">
        <ThemeButton />
        <Button
          kind="quiet"
          icon="help"
          label="Help and keyboard shortcuts (?)"
          onClick={() => {
            isHelpOpen.value = true;
          }}
        />
      </div>
      {isHelpOpen.value && (
        <HelpDialog
          onClose={() => {
            isHelpOpen.value = false;
          }}
        />
      )}
    </div>
  );
}

function RefreshControl() {
  return (
    <ControlGroup>
      <Button icon="refresh" label="Refresh now (r)" onClick={refreshAll} />
      <select
        class="select"
        aria-label="Auto-refresh"
        value={String(view.value.refreshSeconds)}
        onChange={(event) =>
          changeView({ refreshSeconds: Number(event.currentTarget.value) }, { push: false })
        }
      >
        {REFRESH_SECONDS.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds === 0 ? 'Off' : refreshName(seconds)}
          </option>
        ))}
      </select>
    </ControlGroup>
  );
}

function ThemeButton() {
  const { theme } = view.value;
  const icon = ({ system: 'system', light: 'sun', dark: 'moon' } as const)[theme];
  return <Button kind="quiet" icon={icon} label={`Theme: ${theme} (t)`} onClick={nextTheme} />;
}

function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
