import { useEffect, useRef, useState } from 'preact/hooks';
import type { TaskEvent } from '../../../../src/shared/http-contract/task-events.ts';
import type { TaskHistory, TaskLogs } from '../../../../src/shared/http-contract/task-history.ts';
import type { BriefTask, TaskDetail } from '../../../../src/shared/http-contract/tasks.ts';
import { ApiError } from '../../api/api-error.ts';
import { getJson } from '../../api/client.ts';
import { useLiveData } from '../../api/use-live-data.ts';

/** One task, what happened to it and what it logged, live. A task that is gone is not asked for again. */
export function useTask(path: string, refreshSeconds: number) {
  const [isGone, setGone] = useState(false);
  const [isActive, setActive] = useState(true);
  const options = {
    key: path,
    refreshSeconds: isGone ? 0 : refreshSeconds,
    // No event tells of the progress and the log of a task that runs.
    concerns: isActive ? undefined : ({ id }: TaskEvent) => path.endsWith(`/${encodeURIComponent(id)}`),
  };
  const loadTask = useRef(taskLoader(path));
  const { live, refresh } = useLiveData<TaskDetail>({
    ...options,
    load: async (signal) => {
      try {
        return await loadTask.current(signal);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) setGone(true);
        throw error;
      }
    },
  });
  const status = live.data?.status;
  useEffect(() => setActive(status === undefined || status === 'active'), [status]);
  const history = useLiveData({
    ...options,
    every: 2,
    load: (signal) => getJson<TaskHistory>(`${path}/history`, { signal }),
  });
  const logs = useLiveData({
    ...options,
    every: 2,
    load: (signal) => getJson<TaskLogs>(`${path}/logs`, { signal }),
  });
  return { live, refresh, isGone, history: history.live, logs: logs.live };
}

/** Loads payload and result once. A payload never changes, and a result comes with the end. */
function taskLoader(path: string): (signal: AbortSignal) => Promise<TaskDetail> {
  let known: TaskDetail | undefined;
  return async (signal) => {
    if (known !== undefined) {
      const brief = await getJson<BriefTask>(`${path}?brief=true`, { signal });
      if (!hasOtherContent(known, brief)) {
        known = { ...known, ...brief };
        return known;
      }
    }
    known = await getJson<TaskDetail>(path, { signal });
    return known;
  };
}

/** A task that was removed may have been submitted again under the same key. */
function hasOtherContent(known: TaskDetail, { status, created_at }: BriefTask): boolean {
  return created_at !== known.created_at || (status === 'completed' && known.status !== 'completed');
}
