const client = require('@prometheus-io/client');

const counter = new client.Counter({ name: 'c_total', help: 'C.', labelNames: ['code'] });
counter.inc({ code: 200 });
counter.inc({ code: 200 }, 2);
client.register.metrics().then((text) => console.log(text, client.contentType));
