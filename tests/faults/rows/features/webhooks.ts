import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../../support/processes.ts';
import { until } from '../../../support/until.ts';
import { startWebhookReceiver } from '../../../support/webhook-receiver.ts';
import { type Feature, type FeatureSystem, startSubmissions } from './feature.ts';

/** A receiver that is told of each end. */
export const webhooks: Feature = async (scope) => {
  const { url, received } = await startWebhookReceiver(scope);
  const file = join(await temporaryFolder(scope), 'webhooks.json');
  const secrets = [`whsec_${Buffer.from('a'.repeat(32)).toString('base64')}`];
  await writeFile(file, JSON.stringify({ webhooks: [{ name: 'all', url: `${url}/`, secrets }] }));
  const start = async (system: FeatureSystem) => {
    const { admin } = system;
    await until('ends are kept', async () => (await admin.exists('{asdlc}:tasks:asdlc:webhooks:on')) === 1);
    const submissions = startSubmissions(scope, system, (n) => ({
      event_type: 'wait',
      payload: 50 * (n % 20),
    }));
    await until('ends are told', () => received.length >= 20);
    return {
      end: async () => {
        const { accepted, sentAgain } = await submissions.stop();
        const idsByTask = () => {
          const messages = received.map(({ body, headers }) => ({
            task: JSON.parse(body).data.id as string, // as the docs say
            id: String(headers['webhook-id']),
          }));
          return Map.groupBy(messages, ({ task }) => task);
        };
        await until(
          'each end is told',
          () => {
            const told = idsByTask();
            return accepted.every(({ id }) => told.has(id));
          },
          60_000,
        );
        const told = [...idsByTask().values()];
        for (const messages of told) assert.equal(new Set(messages.map(({ id }) => id)).size, 1);
        const again = received.length - told.length;
        return `${accepted.length} ends, all told (${sentAgain} tasks sent again); ${again} told again, under the same \`webhook-id\``;
      },
    };
  };
  return { env: { WEBHOOKS_FILE: file }, start };
};
