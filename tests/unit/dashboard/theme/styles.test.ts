import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '../../../../dashboard/src');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const STYLESHEETS = globSync('**/*.css', { cwd: ROOT }).sort();
const SOURCES = globSync('**/*.{ts,tsx}', { cwd: ROOT }).sort();

/** Classes that uPlot gives to its own elements. */
const FOREIGN = /^u-/;

/** The selectors of a stylesheet, those inside @media and @layer as well. */
function selectorsOf(css: string): string[] {
  const text = css.replace(/\/\*.*?\*\//gs, '').replace(/@[\w-]+[^{};]*;/g, '');
  const heads = [...text.matchAll(/([^{};]+)\{/g)].map(([, head = '']) => head.trim());
  return heads.filter((head) => !head.startsWith('@') && !/^(from|to|\d+%)$/.test(head)).flatMap(splitList);
}

/** The parts of a selector list, split at the commas outside of parentheses. */
function splitList(list: string): string[] {
  return list.split(/,(?![^(]*\))/).map((selector) => selector.trim());
}

/** The classes of the elements that a selector styles: of its last compound, without those of :not() and :has(). */
function subjectsOf(selector: string): string[] {
  const kept = selector.replace(/:(not|has)\([^)]*\)/g, '');
  const last = kept.split(/[\s>+~]+(?![^(]*\))/).at(-1) ?? '';
  return classesIn(last);
}

function classesIn(selector: string): string[] {
  return [...selector.matchAll(/\.([a-zA-Z][\w-]*)/g)].map(([, name = '']) => name);
}

/** What the sources put into class attributes: words, and beginnings such as `button-` of `button-${kind}`. */
function classNamesInSources(): { readonly words: Set<string>; readonly beginnings: Set<string> } {
  const words = new Set<string>();
  const beginnings = new Set<string>();
  for (const source of SOURCES.map(read)) {
    for (const [, value = ''] of source.matchAll(/\bclass(?:Name)?=("[^"]*"|\{(?:`[^`]*`|[^{}`]*)\})/g)) {
      const [template = ''] = /`[^`]*`/.exec(value.replace(/\$\{[^}]*\}/g, '$')) ?? [];
      const texts = value.replace(/=== '[^']*'/g, '').match(/"[^"]*"|'[^']*'/g) ?? [];
      for (const [, name = '', more] of [template, ...texts].join(' ').matchAll(/([a-z][\w-]*)(\$)?/g)) {
        (more !== undefined && name.endsWith('-') ? beginnings : words).add(name);
      }
    }
  }
  return { words, beginnings };
}

describe('the stylesheets of the dashboard', () => {
  it('style each class in one file, so that no look depends on the order in which chunks load', () => {
    const owners = new Map<string, Set<string>>();
    for (const path of STYLESHEETS) {
      for (const name of selectorsOf(read(path)).flatMap(subjectsOf)) {
        owners.set(name, (owners.get(name) ?? new Set()).add(path));
      }
    }
    assert.ok(owners.size > 100, `expected the classes of a whole page; got ${owners.size}`);
    const shared = [...owners].filter(([, paths]) => paths.size > 1);
    assert.deepEqual(
      shared.map(([name, paths]) => `${name}: ${[...paths].join(', ')}`),
      [],
    );
  });

  it('put every rule into the layer of its room', () => {
    const layers: Readonly<Record<string, string>> = { theme: 'theme', ui: 'ui', charts: 'charts' };
    for (const path of STYLESHEETS) {
      const layer = layers[path.split('/')[0] ?? ''] ?? 'features';
      const blocks = read(path)
        .replace(/\/\*.*?\*\/|@import [^;]*;/gs, '')
        .trim();
      assert.match(blocks, new RegExp(`^@layer ${layer} \\{\n[^]*\n\\}$`), path);
      assert.equal(blocks.match(/^\S/gm)?.length, 2, `${path}: expected one block`);
    }
  });

  it('style only classes that a source uses', () => {
    const sources = SOURCES.map(read).join('\n');
    const { beginnings } = classNamesInSources();
    const styled = new Set(STYLESHEETS.flatMap((path) => selectorsOf(read(path)).flatMap(classesIn)));
    const isUsed = (name: string) =>
      new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(sources) ||
      [...beginnings].some((beginning) => name.startsWith(beginning));
    assert.deepEqual(
      [...styled].filter((name) => !FOREIGN.test(name) && !isUsed(name)),
      [],
    );
  });

  it('style every class that a source uses', () => {
    const styled = new Set(STYLESHEETS.flatMap((path) => selectorsOf(read(path)).flatMap(classesIn)));
    const { words } = classNamesInSources();
    assert.deepEqual(
      [...words].filter((name) => !styled.has(name)),
      [],
    );
  });

  it('are imported by a source each', () => {
    const imported = new Set(
      SOURCES.flatMap((path) =>
        [...read(path).matchAll(/import '(\.[^']+\.css)'/g)].map(([, target = '']) =>
          join(path, '..', target),
        ),
      ),
    );
    assert.deepEqual([...imported].sort(), STYLESHEETS);
  });
});
