import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { servicesFrom } from '../../../../src/orchestrator/query/services.ts';

const info = (service: string, instance: string, version: string, seen: number) => ({
  metric: { service, instance, job: service, version },
  value: [0, String(seen)] as [number, string],
});
const up = (job: string, instance: string, value: 0 | 1) => ({
  metric: { job, instance },
  value: [0, String(value)] as [number, string],
});

describe('servicesFrom', () => {
  it('groups instances by service, each with its last version and whether it is up', () => {
    const infos = [
      info('b', 'b:2', '1.0.0', 100),
      info('a', 'a:1', '2.0.0', 50),
      info('b', 'b:1', '1.1.0', 90),
    ];
    const older = info('b', 'b:1', '1.0.0', 10);
    const services = servicesFrom(
      [...infos, older],
      [up('b', 'b:1', 1), up('b', 'b:2', 0), up('a', 'a:1', 0)],
    );
    assert.deepEqual(services, [
      { name: 'a', up: false, instances: [{ instance: 'a:1', job: 'a', version: '2.0.0', up: false }] },
      {
        name: 'b',
        up: true,
        instances: [
          { instance: 'b:1', job: 'b', version: '1.1.0', up: true },
          { instance: 'b:2', job: 'b', version: '1.0.0', up: false },
        ],
      },
    ]);
  });

  it('leaves out a service without info, and shows an instance without up as not up', () => {
    assert.deepEqual(servicesFrom([], [up('a', 'a:1', 1)]), []);
    assert.equal(servicesFrom([info('a', 'a:1', '1', 1)], [])[0]?.up, false);
  });
});
