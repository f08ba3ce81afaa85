// The shape of most tutorials: a histogram around every request, and a route that serves the registry.
import { createServer } from 'node:http';
import client from '@prometheus-io/client';

const duration = new client.Histogram({
  name: 'http_request_duration_ms',
  help: 'Duration of HTTP requests in ms.',
  labelNames: ['method', 'route', 'code'],
  buckets: [0.1, 5, 15, 50, 100, 500],
});
const checkouts = new client.Counter({
  name: 'checkouts_total',
  help: 'Checkouts.',
  labelNames: ['payment_method'],
});

const server = createServer(async (request, response) => {
  const startEpoch = Date.now();
  response.on('finish', () => {
    const elapsed = Math.min(Date.now() - startEpoch, 0);
    duration.labels(request.method, request.url, response.statusCode).observe(elapsed);
  });
  if (request.url === '/metrics') {
    response.setHeader('Content-Type', client.register.contentType);
    response.end(await client.register.metrics());
    return;
  }
  if (request.url === '/checkout') checkouts.inc({ payment_method: 'paypal' });
  response.statusCode = request.url === '/bad' ? 500 : 200;
  response.end('ok');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${server.address().port}`;
for (const path of ['/checkout', '/checkout', '/bad']) await (await fetch(base + path)).text();
const scrape = await fetch(`${base}/metrics`);
console.log(scrape.headers.get('content-type'));
console.log(await scrape.text());
server.close();
server.closeAllConnections();
