import { createServer } from 'node:http';
import { Counter, Pushgateway, Registry } from '@prometheus-io/client';

const received = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    received.push(`${request.method} ${request.url}`, body);
    response.end();
  });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}`;
new Counter({ name: 'c_total', help: 'C.' }).inc();
await new Pushgateway(url).pushAdd({ jobName: 'batch', groupings: { key: 'v' } });
const registry = new Registry();
new Counter({ name: 'own_total', help: 'O.', registers: [registry] }).inc(2);
const gateway = new Pushgateway(url, { timeout: 5000 }, registry);
await gateway.push({ jobName: 'batch' });
await gateway.delete({ jobName: 'batch' });
console.log(received.join('\n'));
server.close();
server.closeAllConnections();
