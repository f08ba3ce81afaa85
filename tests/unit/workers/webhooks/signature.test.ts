import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { signedHeaders } from '../../../../src/workers/webhooks/signature.ts';

const now = () => Math.floor(Date.now() / 1000);

describe('signedHeaders', () => {
  it('signs as the library of Standard Webhooks does, for secrets and bodies of any kind', () => {
    for (const body of ['{}', '{"text":"ä€😀"}', `{"long":"${'x'.repeat(100_000)}"}`]) {
      const secret = randomBytes(32);
      const [id, timestamp] = ['webhook-orders-1764140611204-2', now()];
      const headers = signedHeaders({ id, timestamp, body }, [secret]);
      const other = new Webhook(secret.toString('base64'));
      assert.equal(headers['webhook-signature'], other.sign(id, new Date(timestamp * 1000), body));
      assert.deepEqual(other.verify(body, headers), JSON.parse(body));
    }
  });

  it('signs with each secret, so that a receiver with either takes it', () => {
    const secrets = [randomBytes(24), randomBytes(64)];
    const headers = signedHeaders({ id: 'a', timestamp: now(), body: '{}' }, secrets);
    for (const secret of secrets) new Webhook(secret.toString('base64')).verify('{}', headers);
    const stranger = new Webhook(randomBytes(32).toString('base64'));
    assert.throws(() => stranger.verify('{}', headers), /No matching signature/);
  });
});
