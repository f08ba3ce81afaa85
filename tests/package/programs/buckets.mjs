import {
  exponentialBuckets,
  Histogram,
  linearBuckets,
  register,
  validateMetricName,
} from '@prometheus-io/client';

console.log(linearBuckets(0, 50, 4), exponentialBuckets(1, 2, 5));
console.log(validateMetricName('a_b'), validateMetricName('a-b'));
const histogram = new Histogram({ name: 'h', help: 'H.', buckets: linearBuckets(10, 10, 3) });
for (const value of [0, 10, 10.5, 30, 31]) histogram.observe(value);
console.log(await register.metrics());
