/** Any PromQL as chart and table. */
export function ExplorePage() {
  return <h1>Explore</h1>;
}
