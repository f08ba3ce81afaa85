import { collectDefaultMetrics, Registry } from '@prometheus-io/client';

const register = new Registry();
collectDefaultMetrics({ register, prefix: 'app_', labels: { instance: 'one' }, gcDurationBuckets: [0.1, 1] });
const text = await register.metrics();
const names = text.split('\n').filter((line) => line.startsWith('# TYPE'));
console.log(names.join('\n'));
console.log(/app_process_cpu_seconds_total\{instance="one"\} [0-9.]+/.test(text));
process.exit(0);
