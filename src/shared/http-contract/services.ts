import { type Static, Type } from 'typebox';

/** The services that the TSDB knows, as `/api/metrics/services` returns them. */

export const Service = Type.Object(
  {
    name: Type.String({ examples: ['asdlc-workers'] }),
    up: Type.Boolean({ description: 'whether the last scrape of any instance succeeded' }),
    instances: Type.Array(
      Type.Object(
        {
          instance: Type.String({ examples: ['127.0.0.1:8081'] }),
          job: Type.String({ examples: ['asdlc-workers'] }),
          version: Type.String({ examples: ['0.1.0'] }),
          up: Type.Boolean(),
        },
        { title: 'ServiceInstance' },
      ),
    ),
  },
  { title: 'Service' },
);
export type Service = Static<typeof Service>;

export const ServiceList = Type.Object(
  { status: Type.Literal('success'), data: Type.Array(Service) },
  { title: 'ServiceList' },
);
