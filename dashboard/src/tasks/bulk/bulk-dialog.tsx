import { useEffect, useRef, useState } from 'preact/hooks';
import type { BulkAction, BulkFilter } from '../../../../src/shared/http-contract/bulk.ts';
import { refreshAll } from '../../api/use-live-data.ts';
import { plain } from '../../format/quantity.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { Dialog } from '../../ui/dialogs/dialog.tsx';
import { FieldError, FormActions } from '../../ui/forms/form.tsx';
import { announce } from '../../ui/status/announce.tsx';
import { type BulkSums, changeAll, WORDING } from './bulk-actions.ts';

export interface BulkDialogProps {
  readonly action: BulkAction;
  readonly filter: BulkFilter;
  /** Which tasks these are, in words. */
  readonly which: string;
  readonly onClose: () => void;
}

type Step = 'counting' | 'asking' | 'changing' | 'done' | 'stopped';

/** Counts the tasks, asks, changes them, and says how it went. Closing it stops what is under way after the current call. */
export function BulkDialog({ action, filter, which, onClose }: BulkDialogProps) {
  const { verb, what, done, means, isDangerous } = WORDING[action];
  const [step, setStep] = useState<Step>('counting');
  const [counted, setCounted] = useState(0);
  const [sums, setSums] = useState<BulkSums>({ matched: 0, done: 0, failed: 0 });
  const [error, setError] = useState('');
  const closed = useRef(new AbortController());
  const run = async (isDryRun: boolean) => {
    const { signal } = closed.current;
    try {
      const onProgress = isDryRun ? ({ matched }: BulkSums) => setCounted(matched) : setSums;
      const result = await changeAll({ action, filter, isDryRun, signal, onProgress });
      setStep(isDryRun ? 'asking' : 'done');
      if (!isDryRun) announce(`${plain(result.done)} tasks are ${done}`);
    } catch (problem) {
      if (signal.aborted) return;
      setError((problem as Error).message);
      setStep('stopped');
    }
    if (!isDryRun) refreshAll();
  };
  useEffect(() => {
    void run(true);
    return () => closed.current.abort();
  }, []);
  const tasks = `${plain(counted)} ${counted === 1 ? 'task' : 'tasks'}`;
  return (
    <Dialog title={`${what(which)}?`} onClose={onClose}>
      <p aria-live="polite">
        {step === 'counting' && `Counting: ${tasks} so far`}
        {step === 'asking' && `${tasks} ${counted === 1 ? 'matches' : 'match'}. ${means}`}
        {(step === 'changing' || step === 'stopped') && `${plain(sums.done)} of ${tasks} ${done}`}
        {step === 'done' &&
          `${plain(sums.done)} of ${plain(sums.matched)} ${done}.${sums.failed > 0 ? ` ${plain(sums.failed)} could not be changed: they have another status by now, were removed, or are damaged.` : ''}`}
      </p>
      {step === 'changing' && <progress aria-label={verb} max={counted} value={sums.matched} />}
      <FieldError isAlert>{error}</FieldError>
      <FormActions>
        <Button hasInitialFocus onClick={onClose}>
          {step === 'done' || step === 'stopped'
            ? 'Close'
            : step === 'changing'
              ? 'Stop'
              : 'Keep as they are'}
        </Button>
        {step === 'asking' && counted > 0 && (
          <Button
            kind={isDangerous ? 'danger' : 'primary'}
            onClick={() => {
              setStep('changing');
              void run(false);
            }}
          >
            {what(tasks)}
          </Button>
        )}
      </FormActions>
    </Dialog>
  );
}
