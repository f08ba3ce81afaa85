/** The state of the system at a glance, and its panels. */
export function OverviewPage() {
  return <h1>Overview</h1>;
}
