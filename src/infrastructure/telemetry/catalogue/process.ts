import { define } from './entry.ts';

export const SERVICE_INFO = define({
  type: 'info',
  name: 'asdlc_service_info',
  help: 'The running service and its version; always 1.',
  labelNames: ['service', 'version'],
  question: 'Which versions run where?',
  query: 'count by (service, version) (asdlc_service_info)',
});

export const BUILD_INFO = define({
  type: 'info',
  name: 'asdlc_build_info',
  help: 'What the running service was built from, and its Node; always 1. The revision comes from SERVICE_REVISION.',
  labelNames: ['service', 'version', 'revision', 'node'],
  question: 'Which commit runs where?',
  query: 'count by (service, version, revision) (asdlc_build_info)',
});

export const PROCESS_MEMORY_BYTES = define({
  type: 'gauge',
  name: 'asdlc_process_memory_bytes',
  help: 'Memory of this process: resident (rss) and virtual (vms), read at the scrape.',
  labelNames: ['service', 'type'],
  labelValues: { type: ['rss', 'vms'] },
  question: 'Does a process grow?',
  query: 'deriv(asdlc_process_memory_bytes{type="rss"}[1h])',
  panels: ['memory'],
});

export const PROCESS_CPU_SECONDS = define({
  type: 'counter',
  name: 'asdlc_process_cpu_seconds_total',
  help: 'User and system CPU time spent by this process.',
  labelNames: ['service'],
  question: 'How many cores does a process use?',
  query: 'rate(asdlc_process_cpu_seconds_total[5m])',
  panels: ['cpu'],
});
