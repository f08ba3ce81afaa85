// A library counts with its own import of the client; the program shows its own default registry.
import { createRequire } from 'node:module';
import { Counter, register } from '@prometheus-io/client';

const library = createRequire(import.meta.url)(['@prometheus-io', 'client'].join('/'));
new library.Counter({ name: 'library_total', help: 'Of a library.' }).inc();
library.register.registerMetric(new library.Gauge({ name: 'library_gauge', help: 'G.', registers: [] }));
new Counter({ name: 'own_total', help: 'Own.' }).inc(2);
register.setDefaultLabels({ app: 'x' });
console.log(await register.metrics());
console.log((await library.register.metrics()) === (await register.metrics()));
