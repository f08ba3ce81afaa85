import './copy-button.css';
import { useEffect, useState } from 'preact/hooks';
import { announce } from '../status/announce.tsx';
import { Button } from './button.tsx';
import { copyText } from './copy-text.ts';

export interface CopyButtonProps {
  /** What it copies: `link`, `CSV`. */
  readonly what: string;
  /** Tells it from other copy buttons: `query A`. */
  readonly of?: string;
  readonly kind?: 'plain' | 'quiet';
  readonly isDisabled?: boolean;
  /** Called at a click. */
  readonly text: () => string;
}

type Outcome = 'copied' | 'failed';
const OUTCOMES: Readonly<Record<Outcome, string>> = { copied: 'Copied', failed: 'Not copied' };

/** Copies a text to the clipboard and says whether that worked. Its width stays the same. */
export function CopyButton({ what, of, kind = 'quiet', isDisabled = false, text }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<Outcome>();
  useEffect(() => {
    if (outcome === undefined) return;
    const timer = setTimeout(() => setOutcome(undefined), 2_000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const name = `Copy ${what}`;
  return (
    <Button
      kind={kind}
      class="copy-button"
      isDisabled={isDisabled}
      {...(of !== undefined && { label: `${name} of ${of}` })}
      onClick={() => {
        copyText(text()).then((isCopied) => {
          setOutcome(isCopied ? 'copied' : 'failed');
          announce(isCopied ? `${what} copied` : `${what} could not be copied`);
        });
      }}
    >
      <span class="copy-name" data-hidden={outcome !== undefined}>
        {name}
      </span>
      {outcome !== undefined && <span class="copy-outcome">{OUTCOMES[outcome]}</span>}
    </Button>
  );
}
