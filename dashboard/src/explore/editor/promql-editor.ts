import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from '@codemirror/autocomplete';
import { history, historyKeymap, standardKeymap } from '@codemirror/commands';
import { bracketMatching } from '@codemirror/language';
import { nextDiagnostic } from '@codemirror/lint';
import { Annotation, Compartment, EditorState, type Extension, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder, tooltips } from '@codemirror/view';
import { PromQLExtension } from '@prometheus-io/codemirror-promql';
import { completionSource } from './completion-source.ts';
import { editorTheme } from './editor-theme.ts';

/** The editor's chunk. Other files may import only types of CodeMirror. */

export interface EditorSetup {
  /** Names it for screen readers. */
  readonly label: string;
  /** Completion offers names of this service only; null: of all. */
  readonly service: string | null;
}

export interface EditorOptions extends EditorSetup {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly placeholder: string;
  readonly onChange: (text: string) => void;
  /** Called on Ctrl or Cmd and Enter. */
  readonly onRun: () => void;
}

export interface PromqlEditor {
  /** Replaces the text if it differs, without calling onChange. Undo works. */
  readonly setText: (text: string) => void;
  readonly configure: (setup: EditorSetup) => void;
  /** Sets the selection as well, if it is given. */
  readonly focus: (anchor?: number, head?: number) => void;
  readonly destroy: () => void;
}

/** Marks a change that setText made: the caller knows it already. */
const fromOutside = Annotation.define<boolean>();

export function mountPromqlEditor(options: EditorOptions): PromqlEditor {
  const setup = new Compartment();
  const view = new EditorView({
    parent: options.parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [baseExtensions(options), setup.of(setupExtensions(options))],
    }),
  });
  return {
    setText: (text) => {
      const before = view.state.doc;
      if (before.toString() === text) return;
      view.dispatch({
        changes: { from: 0, to: before.length, insert: text },
        selection: { anchor: text.length },
        annotations: fromOutside.of(true),
      });
    },
    configure: (next) => view.dispatch({ effects: setup.reconfigure(setupExtensions(next)) }),
    focus: (anchor, head) => {
      view.focus();
      if (anchor !== undefined) view.dispatch({ selection: { anchor, head: head ?? anchor } });
    },
    destroy: () => view.destroy(),
  };
}

/** Tab stays with the browser: it moves to the next control. */
function baseExtensions({ onChange, onRun, placeholder: hint }: EditorOptions): Extension {
  const run = (view: EditorView) => {
    closeCompletion(view);
    onRun();
    return true;
  };
  return [
    EditorView.cspNonce.of(pageNonce()),
    Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
    keymap.of([
      ...completionKeymap,
      ...closeBracketsKeymap,
      ...historyKeymap,
      { key: 'F8', run: nextDiagnostic },
      ...standardKeymap,
    ]),
    history(),
    closeBrackets(),
    bracketMatching(),
    autocompletion({ icons: false }),
    // CodeMirror closes completion on blur, but not if its names come later: they would cover the results.
    EditorView.domEventHandlers({ blur: (_, view) => void setTimeout(() => closeIfLeft(view)) }),
    tooltips({ position: 'absolute' }),
    placeholder(hint),
    EditorView.lineWrapping,
    EditorView.updateListener.of((update) => {
      const isOwn = update.transactions.some((transaction) => !transaction.annotation(fromOutside));
      if (update.docChanged && isOwn) onChange(update.state.doc.toString());
    }),
    editorTheme,
  ];
}

function closeIfLeft(view: EditorView): void {
  if (!view.hasFocus) closeCompletion(view);
}

function setupExtensions({ label, service }: EditorSetup): Extension {
  return [
    EditorView.contentAttributes.of({ 'aria-label': label }),
    new PromQLExtension().setComplete({ remote: completionSource(service) }).asExtension(),
  ];
}

/** The nonce with which the page's policy lets the editor add its style element; empty if the page has none. */
function pageNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}
