import './first-step.css';
import { useState } from 'preact/hooks';
import { lacks } from '../api/access.ts';
import { lazyDialog } from '../lazy/lazy-dialog.tsx';
import { NoTasks } from '../tasks/list/no-tasks.tsx';

const SubmitDialog = lazyDialog(() =>
  import('../tasks/task/submit-dialog.tsx').then((module) => module.SubmitDialog),
);

/** What to do with a system in which no task ever ran. */
export function FirstStep() {
  const [isSubmitting, setSubmitting] = useState(false);
  if (lacks('tasks:write')) return null;
  return (
    <section class="first-step" aria-label="First step">
      <NoTasks onSubmit={() => setSubmitting(true)} />
      {isSubmitting && <SubmitDialog onClose={() => setSubmitting(false)} />}
    </section>
  );
}
