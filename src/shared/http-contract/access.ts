import { type Static, Type } from 'typebox';

/** What a token may do, as `/api/access` returns it. */

export const AccessReport = Type.Object(
  {
    name: Type.String({ description: "the token's name; anonymous where no token is asked for" }),
    scopes: Type.Array(
      Type.Enum(['metrics:read', 'tasks:read', 'tasks:write', 'queue:admin'], { title: 'Scope' }),
    ),
    labels: Type.Record(Type.String(), Type.String(), {
      description: 'labels that every query of this token is restricted to',
    }),
  },
  { title: 'Access' },
);
export type AccessReport = Static<typeof AccessReport>;
