import './task-json.css';
import { useMemo } from 'preact/hooks';
import { visibleText } from '../../format/visible-text.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { CopyButton } from '../../ui/buttons/copy-button.tsx';
import { beginningOf, isLongText, partShown, readableJson } from './long-text.ts';

export interface TaskJsonProps {
  readonly title: string;
  readonly value: unknown;
  /** Name of the file when it is downloaded. */
  readonly fileName: string;
}

/** A payload or a result: as JSON, to copy and to download. */
export function TaskJson({ title, value = null, fileName }: TaskJsonProps) {
  const { shown, isLong, part } = useMemo(() => partsOf(value), [value]);
  const text = () => JSON.stringify(value, null, 2);
  return (
    <section class="task-json" aria-label={title}>
      <header>
        <h3>{title}</h3>
        <span class="task-json-actions">
          {isLong && <Button onClick={() => download(text(), fileName)}>Download</Button>}
          <CopyButton what={title.toLowerCase()} text={text} />
        </span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre tabIndex={0}>
        <bdi>{shown}</bdi>
        {isLong && '…'}
      </pre>
      {isLong && <p class="task-json-cut">{part}</p>}
    </section>
  );
}

/** Cut before anything else is done: each character may need an escape. */
function partsOf(value: unknown) {
  const text = readableJson(value);
  const isLong = isLongText(text);
  return {
    shown: visibleText(beginningOf(text)),
    isLong,
    part: isLong ? partShown(JSON.stringify(value)) : '',
  };
}

function download(text: string, fileName: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
