import { createHmac } from 'node:crypto';

/**
 * Returns the headers of a delivery, by Standard Webhooks (https://www.standardwebhooks.com): one signature for each
 * secret, so that a receiver that knows either takes it. `timestamp` is in Unix seconds.
 */
export function signedHeaders(
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
  secrets: readonly Buffer[],
): Record<string, string> {
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
