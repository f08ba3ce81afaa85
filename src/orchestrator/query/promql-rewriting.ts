import type { SyntaxNode } from '@lezer/common';
import { parsePromql } from './promql.ts';

/**
 * Adds a matcher to each selector, so that the query sees only series with this label value: a series must satisfy all
 * matchers. This works for Prometheus too, which has no filter beside the query. Comments go: Prometheus ends a comment
 * at a carriage return and our parser does not, so a selector could hide behind one. Throws bad_data unless `query` is
 * PromQL.
 */
export function restrictSelectors(query: string, label: string, value: string): string {
  const bare = normalizeQuery(query);
  const matcher = `${label}=${quote(value)}`;
  let restricted = '';
  let copied = 0;
  parsePromql(bare)
    .topNode.cursor()
    .iterate(({ name, node }) => {
      if (name !== 'VectorSelector') return;
      const [place, text] = insertion(node, matcher);
      restricted += bare.slice(copied, place) + text;
      copied = place;
    });
  return restricted + bare.slice(copied);
}

/** Returns a PromQL string. PromQL has Go's escapes, which include JSON's. Go reads a bare U+FFFD as bad UTF-8. */
function quote(value: string): string {
  return JSON.stringify(value.toWellFormed()).replaceAll('\ufffd', '\\ufffd');
}

function insertion(selector: SyntaxNode, matcher: string): [place: number, text: string] {
  const matchers = selector.getChild('LabelMatchers');
  if (matchers === null) return [selector.to, `{${matcher}}`];
  const hasOthers = ['UnquotedLabelMatcher', 'QuotedLabelMatcher', 'QuotedLabelName'].some(
    (kind) => matchers.getChild(kind) !== null,
  );
  return [matchers.from + 1, hasOthers ? `${matcher},` : matcher];
}

/** Puts a query on one line, without comments. `hideStrings` is for logs. Throws bad_data unless `query` is PromQL. */
export function normalizeQuery(query: string, { hideStrings = false } = {}): string {
  let text = '';
  let copied = 0;
  const add = (more: string) => {
    const collapsed = more.replace(/\s+/g, ' ');
    text += text.endsWith(' ') ? collapsed.trimStart() : collapsed;
  };
  parsePromql(query)
    .topNode.cursor()
    .iterate(({ name, from, to }) => {
      if (name !== 'StringLiteral' && name !== 'LineComment') return;
      add(query.slice(copied, from));
      if (name === 'LineComment') add(' ');
      else text += hideStrings ? '"?"' : query.slice(from, to);
      copied = to;
    });
  add(query.slice(copied));
  return text.trim();
}

const AHEAD = new Set(['At', 'Smoothed', 'Anchored']);

/**
 * Whether a value may depend on samples after its time: `offset -5m`, `offset (1m - 5m)`, `@ 1767225600`, `@ end()`,
 * `smoothed`. Any offset that is not a plain duration counts as one.
 */
export function looksAhead(query: string): boolean {
  let found = false;
  parsePromql(query)
    .topNode.cursor()
    .iterate(({ name, from, to }) => {
      // VictoriaMetrics takes `offset 5m-10m` for one offset, of -5m.
      const isPlain = () =>
        /^[0-9a-z]+$/.test(query.slice(from, to)) && !/^-\d/.test(query.slice(to, to + 2));
      if (AHEAD.has(name) || (name === 'OffsetDurationExpr' && !isPlain())) found = true;
    });
  return found;
}
