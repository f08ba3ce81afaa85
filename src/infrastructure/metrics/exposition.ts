import type { Registry } from '@prometheus-io/client';

export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface Exposition {
  readonly contentType: string;
  readonly body: Buffer;
}

/** Every metric of the registry in Prometheus's text format 0.0.4, which every scraper takes. */
export async function renderText(registry: Registry): Promise<Exposition> {
  return { contentType: TEXT_CONTENT_TYPE, body: Buffer.from(await registry.metrics()) };
}
