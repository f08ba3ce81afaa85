import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { followTokens } from '../../../../src/shared/service/access/token-file.ts';
import { followWebhooks, readWebhooks, wants } from '../../../../src/workers/webhooks/webhooks-file.ts';
import { temporaryFolder } from '../../../support/processes.ts';

const SECRET = `whsec_${Buffer.from('x'.repeat(24)).toString('base64')}`;
const ORDERS = { name: 'orders', url: 'https://shop.example/hooks', secrets: [SECRET] };

async function read(t: TestContext, text: string) {
  const folder = await temporaryFolder(t);
  writeFileSync(join(folder, 'secret'), `${SECRET}\n`);
  writeFileSync(join(folder, 'webhooks.json'), text);
  return readWebhooks(join(folder, 'webhooks.json'));
}
const IGNORE = { onChange: () => undefined, onInvalid: () => undefined };
const fileOf = (...webhooks: object[]) => JSON.stringify({ webhooks });

describe('readWebhooks', () => {
  it('reads webhooks with their secrets, also from files beside it', async (t) => {
    const [webhook] = await read(t, fileOf({ ...ORDERS, secret_files: ['secret'], attempts: 3 }));
    assert.equal(webhook?.url, 'https://shop.example/hooks');
    assert.deepEqual(webhook?.secrets.map(String), ['x'.repeat(24), 'x'.repeat(24)]);
    assert.deepEqual([webhook?.attempts, webhook?.timeoutMs], [3, 10_000]);
  });

  it('matches event types by name and by their beginning', async (t) => {
    const types = { event_types: ['order.*', 'invoice'], events: ['dead'] };
    const [some, all] = await read(t, fileOf({ ...ORDERS, ...types }, { ...ORDERS, name: 'all' }));
    assert.ok(some && all);
    for (const type of ['order.paid', 'order.', 'invoice'])
      assert.equal(wants(some, 'dead', type), true, type);
    for (const type of ['order', 'invoice.send', 'x']) assert.equal(wants(some, 'dead', type), false, type);
    assert.equal(wants(some, 'completed', 'invoice'), false);
    assert.equal(wants(all, 'completed', 'anything'), true);
  });

  it('allows http to this machine, and elsewhere only where the file says so', async (t) => {
    for (const url of ['http://127.0.0.1:1/x', 'http://localhost', 'http://[::1]:8080/']) {
      assert.equal((await read(t, fileOf({ ...ORDERS, url }))).length, 1, url);
    }
    assert.equal((await read(t, fileOf({ ...ORDERS, url: 'http://shop', allow_http: true }))).length, 1);
  });

  for (const [text, message] of [
    ['{', /expected a file with JSON; got another text/],
    ['[]', /file: expected an object with webhooks; got an array/],
    [fileOf({ ...ORDERS, name: 'No' }), /webhooks\.0\.name: expected a name of up to 63 .*; got "No"/],
    [fileOf(ORDERS, ORDERS), /webhooks\.1\.name: expected one of its own; another webhook has the same/],
    [fileOf({ ...ORDERS, url: 'ftp://shop' }), /webhooks\.0\.url: expected http.*; got another text/],
    [
      fileOf({ ...ORDERS, url: 'https://a:b@shop' }),
      /webhooks\.0\.url: expected .* without a password; got one with/,
    ],
    [
      fileOf({ ...ORDERS, url: 'http://shop.example' }),
      /webhooks\.0\.url: expected https, or "allow_http": true/,
    ],
    [fileOf({ ...ORDERS, url: 'http://127.evil.example' }), /expected https/],
    [
      fileOf({ name: 'a', url: 'https://a' }),
      /webhooks\.0: expected a secret in secrets or secret_files; got none/,
    ],
    [
      fileOf({ ...ORDERS, secrets: ['whsec_c2hvcnQ='] }),
      /secrets\.0: expected whsec_ and 24 to 64 bytes.*not shown/,
    ],
    [fileOf({ ...ORDERS, secrets: ['plain'] }), /webhooks\.0\.secrets\.0: expected whsec_/],
    [
      fileOf({ ...ORDERS, secret_files: ['none'] }),
      /secret_files\.0: expected a file that can be read; got ENOENT/,
    ],
    [fileOf({ ...ORDERS, events: ['queued'] }), /webhooks\.0\.events/],
    [fileOf({ ...ORDERS, event_types: ['a*b'] }), /webhooks\.0\.event_types\.0: expected an event type/],
    [fileOf({ ...ORDERS, retries: 3 }), /webhooks\.0: .*retries/],
  ] as const) {
    it(`refuses ${text.slice(0, 110)}`, async (t) => {
      await assert.rejects(read(t, text), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'ASDLC_CONFIG_INVALID');
        assert.match(error.message, message);
        assert.match(error.message, /WEBHOOKS_FILE \(/);
        for (const hidden of [SECRET, 'plain', 'c2hvcnQ', 'a:b'])
          assert.equal(error.message.includes(hidden), false);
        return true;
      });
    });
  }

  it('refuses more than 100', async (t) => {
    const many = Array.from({ length: 101 }, (_, i) => ({ ...ORDERS, name: `w${i}` }));
    await assert.rejects(read(t, fileOf(...many)), /expected a list of at most 100 webhooks/);
  });

  it('refuses a file that is not there', async () => {
    await assert.rejects(readWebhooks('/nowhere/webhooks.json'), /expected a file with JSON; got ENOENT/);
  });

  it('refuses what cannot be read again and again: a pipe that nobody writes to, a device, a huge file', async (t) => {
    const folder = await temporaryFolder(t);
    const at = (name: string) => join(folder, name);
    execFileSync('mkfifo', [at('pipe')]);
    writeFileSync(at('huge'), ' '.repeat(1024 * 1024 + 1));
    for (const [path, got] of [
      [at('pipe'), 'a pipe or a device'],
      ['/dev/zero', 'a pipe or a device'],
      [folder, 'a directory'],
      [at('huge'), '1048577 bytes: over 1048576'],
    ] as const) {
      await assert.rejects(readWebhooks(path), new RegExp(`expected a file with JSON; got ${got}$`));
      const text = fileOf({ ...ORDERS, secret_files: [path] });
      await assert.rejects(read(t, text), new RegExp(`secret_files.0: expected a file that .*; got ${got}$`));
      assert.throws(() => followTokens(path, IGNORE), new RegExp(`expected a file that .*; got ${got}$`));
    }
  });
});

describe('followWebhooks', () => {
  it('tells of a new file, a new secret beside it, and once of a mistake', async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(folder, 'webhooks.json');
    const put = (name: string, text: string) => {
      writeFileSync(join(folder, 'next'), text);
      renameSync(join(folder, 'next'), join(folder, name));
    };
    const secretOf = (letter: string) => `whsec_${Buffer.from(letter.repeat(24)).toString('base64')}`;
    put('secret', secretOf('a'));
    put('webhooks.json', fileOf({ ...ORDERS, secrets: [], secret_files: ['secret'] }));
    const told: string[] = [];
    let wake = Promise.withResolvers<void>();
    const note = (text: string) => {
      told.push(text);
      wake.resolve();
    };
    const stop = followWebhooks(path, await readWebhooks(path), {
      onChange: (all) => note(all.map(({ name, secrets }) => `${name} ${secrets}`).join()),
      onInvalid: ({ message }) => note(message),
    });
    t.after(stop);
    for (const [name, text, expected] of [
      ['secret', secretOf('b'), /^orders b{24}$/],
      ['secret', 'none', /secret_files\.0: expected whsec_ .*not shown/],
      ['secret', secretOf('b'), /^orders b{24}$/],
      ['webhooks.json', fileOf({ ...ORDERS, name: 'other' }), /^other x{24}$/],
    ] as const) {
      wake = Promise.withResolvers();
      put(name, text);
      await wake.promise;
      assert.match(told.at(-1) ?? '', expected);
    }
    assert.equal(told.length, 4);
  });
});
