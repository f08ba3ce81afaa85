import { taskId } from '../router.ts';

/** Tasks by state and type, and one of them in full. */
export function TasksPage() {
  return <h1>{taskId.value === null ? 'Tasks' : `Task ${taskId.value}`}</h1>;
}
