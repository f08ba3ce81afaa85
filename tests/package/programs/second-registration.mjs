// Modules that may be loaded twice look for the metric, or for the message.
import { Counter, register } from '@prometheus-io/client';

const create = () => new Counter({ name: 'c_total', help: 'C.' });
const counterOf = () => register.getSingleMetric('c_total') ?? create();
counterOf().inc();
counterOf().inc();
try {
  create();
} catch (error) {
  console.log(error instanceof Error, error.message);
}
console.log(await register.metrics());
