import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/*
 * The editor in the page's colours. They are custom properties, so that the editor follows the theme. All of them reach
 * a contrast of 4.5:1 on their surfaces.
 */
const highlightStyle = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--text-muted)', fontStyle: 'italic' },
  { tag: tags.variableName, color: 'var(--text)' },
  { tag: tags.function(tags.variableName), color: 'var(--accent)' },
  { tag: tags.operatorKeyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.modifier, tags.logicOperator], color: 'var(--neutral)', fontWeight: '600' },
  { tag: tags.labelName, color: 'var(--text-soft)' },
  { tag: tags.string, color: 'var(--success)' },
  { tag: tags.number, color: 'var(--warning)' },
  { tag: [tags.operator, tags.arithmeticOperator, tags.paren, tags.brace], color: 'var(--text-muted)' },
  { tag: tags.squareBracket, color: 'var(--text-muted)' },
]);

const floating = {
  border: '1px solid var(--border)',
  borderRadius: 'var(--radius-sm)',
  backgroundColor: 'var(--surface-raised)',
  color: 'var(--text)',
  boxShadow: 'var(--shadow-floating)',
};

const theme = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '20px' },
  '.cm-content': { padding: '7px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 10px' },
  '.cm-placeholder': { color: 'var(--text-muted)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-soft)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--failure-soft)' },
  // CodeMirror's own squiggle is a data: image, which the page's policy forbids.
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--failure) 1px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warning) 1px' },
  '.cm-lintPoint-error::after': { borderBottomColor: 'var(--failure)' },
  '.cm-diagnostic': { padding: '4px 10px', fontFamily: 'var(--font)', fontSize: 'var(--text-xs)' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--series-failure)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--series-warning)' },
  '.cm-tooltip': { ...floating, zIndex: '20' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--font-mono)',
    fontSize: 'var(--text-sm)',
    maxHeight: '260px',
    maxWidth: 'min(680px, calc(100vw - 32px))',
    padding: '4px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    display: 'flex',
    justifyContent: 'space-between',
    gap: '16px',
    padding: '3px 8px',
    borderRadius: '4px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--text)',
  },
  '.cm-completionLabel': { overflow: 'hidden', textOverflow: 'ellipsis' },
  '.cm-completionMatchedText': { color: 'var(--accent)', fontWeight: '600', textDecoration: 'none' },
  '.cm-completionDetail': {
    marginLeft: '0',
    color: 'var(--text-muted)',
    fontFamily: 'var(--font)',
    fontStyle: 'normal',
  },
  '.cm-tooltip.cm-completionInfo': {
    ...floating,
    padding: '6px 10px',
    maxWidth: '320px',
    fontSize: 'var(--text-xs)',
  },
});

export const editorTheme: Extension = [theme, syntaxHighlighting(highlightStyle)];
