import { Counter, Gauge, Histogram, Registry, register } from '@prometheus-io/client';

class Depth extends Gauge {
  collect() {
    this.set(7);
  }
}
class Requests extends Counter {
  constructor(name) {
    super({ name, help: 'Requests.', labelNames: ['code'] });
  }
  ok() {
    this.inc({ code: 200 });
  }
}
class Timed extends Histogram {
  async time(work) {
    const end = this.startTimer();
    await work();
    end();
  }
}
class OwnRegistry extends Registry {
  count() {
    return this.getMetricsAsArray().length;
  }
}
new Depth({ name: 'depth', help: 'Depth.' });
new Requests('requests_total').ok();
const own = new OwnRegistry();
await new Timed({ name: 't', help: 'T.', buckets: [60], registers: [own] }).time(async () => undefined);
console.log(await register.metrics(), own.count());
console.log(
  (await own.metrics())
    .split('\n')
    .filter((line) => line.startsWith('t_count'))
    .join(),
);
