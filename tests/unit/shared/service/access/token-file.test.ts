import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { followTokens, parseTokens } from '../../../../../src/shared/service/access/token-file.ts';
import { digestOf, type Token } from '../../../../../src/shared/service/access/tokens.ts';

const hash = (text: string) => digestOf(text).toString('hex');
const fileOf = (...tokens: object[]) => JSON.stringify({ tokens }); // JSON is YAML
const grafana = { name: 'grafana', sha256: hash('secret-1'), scopes: ['metrics:read'] };

const IGNORE = { onChange: () => undefined, onInvalid: () => undefined };

describe('parseTokens', () => {
  it('reads names, hashes, scopes and labels from YAML', () => {
    const text = `
tokens:
  - name: grafana
    sha256: ${hash('secret-1')}
    scopes: [metrics:read]
    labels: { service: asdlc-workers }
  - { name: ci, sha256: ${hash('secret-2')}, scopes: [tasks:read, tasks:write] }
`;
    assert.deepEqual(parseTokens(text, 'tokens.yml'), [
      {
        name: 'grafana',
        digest: digestOf('secret-1'),
        scopes: ['metrics:read'],
        labels: { service: 'asdlc-workers' },
      },
      { name: 'ci', digest: digestOf('secret-2'), scopes: ['tasks:read', 'tasks:write'], labels: {} },
    ] satisfies Token[]);
  });

  for (const [text, message] of [
    ['tokens: [', /expected YAML; got a text that is not/],
    ['[]', /file: expected an object with tokens; got an array/],
    [fileOf(), /file\.tokens: expected a list of tokens; got an array/],
    [fileOf({ ...grafana, name: '' }), /file\.tokens\.0\.name: expected a name of up to 64 .*; got ""/],
    [fileOf({ ...grafana, sha256: 'topsecret' }), /file\.tokens\.0\.sha256: expected 64 hexadecimal digits/],
    [fileOf({ ...grafana, scopes: ['all'] }), /file\.tokens\.0\.scopes\.0: .*"all"/],
    [
      fileOf({ ...grafana, token: 'x' }),
      /unexpected field "token"; expected only name, sha256, scopes, labels/,
    ],
    [fileOf(grafana, { ...grafana, name: 'b' }), /tokens\.1\.sha256: expected one of its own/],
    [fileOf(grafana, { ...grafana, sha256: hash('b') }), /tokens\.1\.name: expected one of its own/],
    [fileOf({ ...grafana, labels: { 'a-b': 'c' } }), /tokens\.0\.labels: expected label names .*"a-b"/],
  ] as const) {
    it(`refuses ${text.replace(/[0-9a-f]{64}/g, '…')}`, () => {
      assert.throws(() => parseTokens(text, 'tokens.yml'), { code: 'ASDLC_CONFIG_INVALID', message });
      assert.throws(
        () => parseTokens(text, 'tokens.yml'),
        (error: Error) => !/topsecret|[0-9a-f]{64}/.test(error.message),
      );
    });
  }

  it('says which file cannot be read', () => {
    assert.throws(() => followTokens('/nowhere/tokens.yml', IGNORE), {
      code: 'ASDLC_CONFIG_INVALID',
      message: /API_TOKENS_FILE \(\/nowhere\/tokens\.yml\): expected a file that can be read; got ENOENT/,
    });
  });
});

describe('followTokens', () => {
  it('tells of new content behind a symlink, valid or not', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'asdlc-tokens-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'tokens.yml');
    const publish = (version: string, text: string) => {
      writeFileSync(join(folder, version), text);
      symlinkSync(version, join(folder, 'next'));
      renameSync(join(folder, 'next'), path); // as a mounted Kubernetes secret changes
    };
    publish('v1', fileOf(grafana));
    const told: string[] = [];
    let wake = Promise.withResolvers<void>();
    const note = (text: string) => {
      told.push(text);
      wake.resolve();
    };
    const { tokens, stop } = followTokens(path, {
      onChange: (changed) => note(changed.map(({ name }) => name).join()),
      onInvalid: () => note('invalid'),
    });
    t.after(stop);
    assert.deepEqual(
      tokens.map(({ name }) => name),
      ['grafana'],
    );
    for (const [version, text, expected] of [
      ['v2', fileOf(grafana, { ...grafana, name: 'ci', sha256: hash('2') }), 'grafana,ci'],
      ['v3', 'tokens: nothing of that kind', 'invalid'],
      ['v4', fileOf({ ...grafana, name: 'last' }), 'last'],
    ] as const) {
      wake = Promise.withResolvers();
      publish(version, text);
      await wake.promise;
      assert.equal(told.at(-1), expected);
    }
  });
});
