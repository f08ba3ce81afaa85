import { AccessReport } from '../shared/http-contract/access.ts';
import type { AccessControl } from '../shared/service/access/access-control.ts';
import { ANONYMOUS } from '../shared/service/access/tokens.ts';
import { errorBodies } from '../shared/service/error-bodies.ts';
import type { HttpServer } from '../shared/service/http-server.ts';

/** `/api/access`: tells a client what its token may do, so that a page shows only that. */
export async function accessRoute(
  app: HttpServer,
  { access }: { readonly access: AccessControl },
): Promise<void> {
  app.get(
    '/api/access',
    {
      onRequest: access.require(),
      schema: {
        operationId: 'getAccess',
        tags: ['access'],
        summary: 'Show what the token may do',
        response: { 200: AccessReport, ...errorBodies() },
      },
    },
    async ({ caller = ANONYMOUS }, reply) => {
      const { name, scopes, labels } = caller;
      return reply
        .header('cache-control', 'no-store')
        .send({ name, scopes: [...scopes], labels: { ...labels } });
    },
  );
}
