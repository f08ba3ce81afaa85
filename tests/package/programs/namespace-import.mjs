import * as client from '@prometheus-io/client';

const depth = new client.Gauge({ name: 'queue_depth', help: 'Depth.' });
depth.set(4);
depth.dec();
console.log(client.prometheusContentType, client.openMetricsContentType);
console.log(await client.register.metrics());
