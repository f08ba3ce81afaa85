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

it('a shared stream waits once for a slow reader, also where chunks come after it was paused', async () => {
  const flow = new EventTarget();
  let pauses = 0;
  const shared = new SharedStream(
    {
      pause: () => void pauses++,
      resume: () => flow.dispatchEvent(new Event('resume')),
      abort: () => undefined,
    },
    4,
  );
  const streams = [shared.open(() => undefined), shared.open(() => undefined)];
  const listeners = () => streams.map((stream) => stream.listenerCount('drain'));
  for (let i = 0; i < 30; i++) shared.write(Buffer.from('12345678'));
  assert.equal(pauses, 1);
  assert.ok(Math.max(...listeners()) <= 1, `${listeners()}`);
  const resumed = once(flow, 'resume');
  for (const stream of streams) stream.resume();
  await resumed;
  for (const stream of streams) stream.pause();
  shared.write(Buffer.from('12345678'));
  assert.equal(pauses, 2);
  for (const stream of streams) stream.destroy();
});
