import './query-editor.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PromqlEditor } from './promql-editor.ts';

export interface QueryEditorProps {
  readonly text: string;
  readonly label: string;
  readonly service: string | null;
  /** Whether it takes the focus when it appears. */
  readonly isFocused: boolean;
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
}

const PLACEHOLDER = 'PromQL, such as rate(asdlc_http_requests_total[5m])';
const loadEditor = () => import('./promql-editor.ts');

/** A plain textarea until the editor's chunk has loaded, and for good if it cannot load. Both look the same. */
export function QueryEditor(props: QueryEditorProps) {
  const { text, label, service, isFocused, onChange, onRun } = props;
  const latest = useRef(props);
  latest.current = props;
  const host = useRef<HTMLDivElement>(null);
  const textarea = useRef<HTMLTextAreaElement>(null);
  const editor = useRef<PromqlEditor | null>(null);
  const [isReady, setReady] = useState(false);
  /** Texts of the editor that have not come back as `text` yet: people may type faster than the page renders. */
  const written = useRef<string[]>([]);

  useEffect(() => {
    let isGone = false;
    if (isFocused) textarea.current?.focus();
    loadEditor().then(
      ({ mountPromqlEditor }) => {
        if (isGone || host.current === null) return;
        const created = mountPromqlEditor({
          parent: host.current,
          text: latest.current.text,
          label: latest.current.label,
          service: latest.current.service,
          placeholder: PLACEHOLDER,
          onChange: (next) => {
            written.current.push(next);
            latest.current.onChange(next);
          },
          onRun: () => latest.current.onRun(),
        });
        editor.current = created;
        takeFocus(textarea.current, created);
        setReady(true);
      },
      () => undefined,
    );
    return () => {
      isGone = true;
      editor.current?.destroy();
      editor.current = null;
    };
  }, []);
  useEffect(() => {
    const own = written.current.indexOf(text);
    written.current.splice(0, own === -1 ? written.current.length : own + 1);
    if (own === -1) editor.current?.setText(text);
  }, [text]);
  useEffect(() => editor.current?.configure({ label, service }), [label, service]);

  return (
    <div class="query-editor">
      <div ref={host} />
      {!isReady && (
        <textarea
          ref={textarea}
          class="query-textarea"
          aria-label={label}
          placeholder={PLACEHOLDER}
          rows={text.split('\n').length}
          value={text}
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          onInput={(event) => onChange(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            onRun();
          }}
        />
      )}
    </div>
  );
}

/** Moves focus and selection from the textarea to the editor. */
function takeFocus(textarea: HTMLTextAreaElement | null, editor: PromqlEditor): void {
  if (textarea === null || document.activeElement !== textarea) return;
  editor.focus(textarea.selectionStart, textarea.selectionEnd);
}
