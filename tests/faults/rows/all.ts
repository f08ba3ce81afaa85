import { FAILOVER_ROWS } from './failover.ts';
import type { FaultRow } from './fault-row.ts';
import { REDIS_ROWS } from './redis.ts';
import { REQUEST_ROWS } from './requests.ts';
import { TSDB_ROWS } from './tsdb.ts';
import { WORKER_ROWS } from './workers.ts';

/** Every fault that the system promises to withstand, in the order of the page. */
export const FAULT_ROWS: readonly FaultRow[] = [
  ...REDIS_ROWS,
  ...FAILOVER_ROWS,
  ...WORKER_ROWS,
  ...REQUEST_ROWS,
  ...TSDB_ROWS,
];
