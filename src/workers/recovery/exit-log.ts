import type { Logger } from '../../shared/service/logging.ts';
import { TaskScope } from '../attempts/task-scope.ts';

/**
 * Names the task whose handler ends this process: by `process.exit`, `process.abort` or a signal to itself. What ends it
 * from below, as a crash in native code does, cannot be seen here.
 */
export function logExitsOfHandlers(logger: Logger): void {
  const log = (call: string) => {
    const task = TaskScope.current();
    if (task === undefined) return;
    const { id, eventType, traceId } = task;
    logger.fatal(
      { task_id: id, event_type: eventType, ...(traceId && { trace_id: traceId }) },
      `a handler called ${call}`,
    );
  };
  process.on('exit', (code) => log(`process.exit(${code})`));
  const { abort, kill } = process;
  process.abort = () => {
    log('process.abort()');
    return abort.call(process);
  };
  process.kill = (pid, signal) => {
    if ((pid === process.pid || pid === 0) && signal !== 0)
      log(`process.kill(${pid}, ${signal ?? 'SIGTERM'})`);
    return kill.call(process, pid, signal);
  };
}
