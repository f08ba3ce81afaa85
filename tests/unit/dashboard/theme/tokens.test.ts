import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const CSS = readFileSync(new URL('../../../../dashboard/src/theme/tokens.css', import.meta.url), 'utf8');
const TOKENS = [...CSS.matchAll(/^ +--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);/gm)];
const THEMES = ['light', 'dark'] as const;

type Rgb = readonly [number, number, number];

/** The tokens of a theme whose names match, in linear light. */
function colors(theme: (typeof THEMES)[number], pattern: RegExp): Map<string, Rgb> {
  return new Map(
    TOKENS.filter(([, name = '']) => pattern.test(name)).map(([, name = '', light = '', dark = '']) => [
      name,
      linear(theme === 'light' ? light : dark),
    ]),
  );
}

function linear(hex: string): Rgb {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return [r, g, b];
}

/** WCAG 2.2, relative luminance and contrast ratio. */
const luminance = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
function contrast(a: Rgb, b: Rgb): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Machado et al. 2009, severity 1. */
const SIGHTS: Readonly<Record<string, readonly [Rgb, Rgb, Rgb]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** CIE L*a*b* of a colour as a kind of sight sees it. */
function seen(color: Rgb, sight: readonly [Rgb, Rgb, Rgb]): Rgb {
  const dot = (row: Rgb, by: Rgb) => row[0] * by[0] + row[1] * by[1] + row[2] * by[2];
  const [r = 0, g = 0, b = 0] = sight.map((row) => Math.min(1, Math.max(0, dot(row, color))));
  const rgb: Rgb = [r, g, b];
  const [x = 0, y = 0, z = 0] = [
    dot([0.4124, 0.3576, 0.1805], rgb) / 0.9505,
    dot([0.2126, 0.7152, 0.0722], rgb),
    dot([0.0193, 0.1192, 0.9505], rgb) / 1.089,
  ].map((part) => (part > 0.008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const distance = (a: Rgb, b: Rgb) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe('the palette', () => {
  for (const theme of THEMES) {
    const surfaces = [...colors(theme, /^surface(-raised)?$/)];

    const least = (pattern: RegExp, ratio: number) => {
      const checked = [...colors(theme, pattern)];
      assert.ok(checked.length >= 5 && surfaces.length === 2, `${checked.length} of ${surfaces.length}`);
      for (const [name, color] of checked) {
        for (const [surface, behind] of surfaces) {
          const found = contrast(color, behind);
          assert.ok(found >= ratio, `--${name} on --${surface}: ${found.toFixed(2)}:1, expected ${ratio}:1`);
        }
      }
    };

    it(`has lines and shapes with a contrast of at least 3:1: ${theme}`, () => {
      least(/^(series-|ramp-)/, 3);
    });

    it(`has texts with a contrast of at least 4.5:1: ${theme}`, () => {
      least(/^(text(-soft|-muted)?|accent|success|warning|failure|active|neutral)$/, 4.5);
    });

    it(`has categories that the colour-blind can tell apart: ${theme}`, () => {
      const categories = [...colors(theme, /^series-\d$/)];
      assert.equal(categories.length, 6);
      for (const [sight, matrix] of Object.entries(SIGHTS)) {
        for (const [i, [a, one]] of categories.entries()) {
          for (const [b, other] of categories.slice(i + 1)) {
            const found = distance(seen(one, matrix), seen(other, matrix));
            assert.ok(found > 10, `--${a} and --${b} with ${sight}: ${found.toFixed(1)}, expected over 10`);
          }
        }
      }
    });
  }
});
