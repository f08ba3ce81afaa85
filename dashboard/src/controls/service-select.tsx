import './../ui/forms/form.css';
import './service-select.css';
import { services } from '../api/services.ts';
import { changeView, view } from '../view/view.ts';

const ALL = '';

/** All services, or one. A service in the URL that the TSDB does not know is still offered: it may come back. */
export function ServiceSelect() {
  const known = services.value.data?.map(({ name }) => name) ?? [];
  const { service } = view.value;
  const names = service === null || known.includes(service) ? known : [...known, service];
  return (
    <select
      id="service-select"
      class="select service-select"
      aria-label="Service"
      value={service ?? ALL}
      onChange={(event) => changeView({ service: event.currentTarget.value || null })}
    >
      <option value={ALL}>All services</option>
      {names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
