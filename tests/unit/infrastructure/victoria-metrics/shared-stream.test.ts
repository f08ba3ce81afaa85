import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import { SharedStream } from '../../../../src/infrastructure/victoria-metrics/shared-stream.ts';

it('a shared stream leaves no listener behind, however often it waits for its reader', async () => {
  const flow = new EventTarget();
  const shared = new SharedStream(
    { pause: () => undefined, resume: () => flow.dispatchEvent(new Event('resume')), abort: () => undefined },
    4,
  );
  const stream = shared.open(() => undefined);
  const listeners = () => ['close', 'drain'].map((event) => stream.listenerCount(event));
  const before = listeners();
  for (let i = 0; i < 20; i++) {
    const resumed = once(flow, 'resume');
    shared.write(Buffer.from('12345678'));
    assert.equal(String(stream.read()), '12345678');
    await resumed;
  }
  assert.deepEqual(listeners(), before);
  stream.destroy();
});
