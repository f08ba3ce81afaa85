import type { Plugin } from 'vite';

/*
 * uPlot is the largest part of the first load, and a bundler cannot leave out what options choose at run time. These
 * replacements fix the options that all charts share, so that the rest falls away: its own legend, modes and scales other
 * than lines over time, paths other than linear ones, and its texts for times.
 */
const FIXED: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/^uPlot\.assign = [\s\S]*?(?=^export )/m, ''], // the static members
  [/\bconst showLegend = legend\.show;/, 'const showLegend = false;'],
  [/\bmode == 1\b/g, 'true'],
  [/\bmode == 2\b/g, 'false'],
  [/\b(?:\w+\.)?(?:distr|xScaleDistr)\s*(?:== +(?:2|3|4|100)|>= 3)\b/g, 'false'],
  [/\bms == 1\b/g, 'false'],
  [/^const \[ timeIncrsMs, .*/m, ''],
  [/\bconst _timeAxisStamps = \[[\s\S]*?\n\t\];/, 'const _timeAxisStamps = null;'],
  [/^const (days3|months3) = .*/gm, 'const $1 = [];'],
  [/^const localTz = .*/m, "const localTz = '';"],
  [/\bconst _timeAxisVals += .*/, 'const _timeAxisVals = null;'],
  [/\bconst _timeSeriesVal += .*/, 'const _timeSeriesVal = null;'],
  [/timeSeriesVal\(_tzDate, [^?]*?\) : sv \|\|/, 'null : sv ||'],
  [/\btimeAxisVals\(_tzDate, timeAxisStamps\(av, _fmtDate\)\)/, 'null'],
  [/\btimeAxisVal\(_tzDate, av\)/, 'null'],
  [/^\tself\.(?:addSeries|delSeries|addBand|setBand|delBand) = .*/gm, ''],
  [/\bopts\.bands \|\| \[\]/, '[]'],
  [/\bflags != 0 && bands\./, 'false && bands.'],
];

/** Leaves out what the charts do not use of uPlot. A version that looks different fails the build. */
export const slimUplot: Plugin = {
  name: 'slim-uplot',
  transform(code, id) {
    if (!id.endsWith('/uPlot.esm.js')) return null;
    return FIXED.reduce((slim, [pattern, replacement]) => {
      const next = slim.replace(pattern, replacement);
      if (next === slim)
        throw new Error(`Expected ${pattern} in ${id}: look at slim-uplot.ts for this version.`);
      return next;
    }, code);
  },
};
