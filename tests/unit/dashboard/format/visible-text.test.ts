import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { visibleJson, visibleText } from '../../../../dashboard/src/format/visible-text.ts';

describe('visibleText', () => {
  it('shows what reorders, hides or covers other text as escapes', () => {
    assert.equal(visibleText('pay\u202Egnp.exe\u2066\u061C'), 'pay\\u202egnp.exe\\u2066\\u061c');
    assert.equal(visibleText('a\u200Bb\u0000\r\u2028\uFEFF'), 'a\\u200bb\\u0000\\u000d\\u2028\\ufeff');
    assert.equal(visibleText('\u{E0041}'), '\\u{e0041}');
    assert.equal(visibleText('\u0336a \u0336'), '\\u0336a \\u0336');
    assert.equal(visibleText(`a${'\u0336'.repeat(6)}`), `a${'\u0336'.repeat(4)}\\u0336\\u0336`);
  });

  it('leaves the texts of all languages as they are', () => {
    for (const text of [
      'a\n\tb',
      'Ångström',
      'A\u030Angstro\u0308m',
      'नमस्ते',
      'สวัสดี',
      'שָׁלוֹם',
      'می\u200Cخواهم',
      '👨\u200D👩\u200D👧',
    ]) {
      assert.equal(visibleText(text), text);
    }
  });
});

describe('visibleJson', () => {
  it('writes them as escapes of JSON, so that the value stays the same', () => {
    const value = { 'a\u202E': ['\u{E0041}\u009B', `x${'\u0336'.repeat(9)}`, 'नमस्ते 👨\u200D👩'] };
    for (const json of [JSON.stringify(value), JSON.stringify(value, null, 2)]) {
      const shown = visibleJson(json);
      assert.deepEqual(JSON.parse(shown), value);
      assert.equal(visibleText(shown), shown);
    }
  });
});
