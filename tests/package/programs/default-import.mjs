import client from '@prometheus-io/client';

const jobs = new client.Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'] });
jobs.inc({ kind: 'mail' });
jobs.labels('mail').inc(2);
console.log(client.register.contentType);
console.log(await client.register.metrics());
