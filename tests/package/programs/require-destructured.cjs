const { Counter, register, collectDefaultMetrics } = require('@prometheus-io/client');

collectDefaultMetrics();
new Counter({ name: 'c_total', help: 'C.' }).inc();
(async () => {
  const names = (await register.getMetricsAsJSON()).map(({ name }) => name);
  console.log(names.join('\n'));
  console.log(collectDefaultMetrics.metricsList.join(' '));
  process.exit(0);
})();
