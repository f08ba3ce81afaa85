/** What is looked at and how: range, service, refresh, time zone, theme. */
export function Toolbar() {
  return <div class="toolbar" role="toolbar" aria-label="View" />;
}
