import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../../../dashboard/src/api/api-error.ts';
import { createPanelLoader } from '../../../../dashboard/src/overview/panel-loader.ts';
import type { PanelData } from '../../../../src/shared/http-contract/panels.ts';

const { signal } = new AbortController();

/** A loader whose API answers with panels that have nothing but a name, and the requests that it got. */
function loader(fail: (names: readonly string[]) => Error | undefined = () => undefined) {
  const requests: string[] = [];
  const load = createPanelLoader(async (names, parameters) => {
    requests.push(`${names} ${parameters}`);
    const error = fail(names);
    if (error !== undefined) throw error;
    return names.map((name) => ({ name }) as PanelData);
  });
  return { load, requests };
}

describe('the loader of panels', () => {
  it('asks once for all panels with the same parameters', async () => {
    const { load, requests } = loader();
    const panels = await Promise.all([
      load('cpu', 'range=1h', signal),
      load('memory', 'range=1h', signal),
      load('cpu', 'range=1h', signal),
      load('cpu', 'range=6h', signal),
    ]);
    assert.deepEqual(
      panels.map(({ name }) => name),
      ['cpu', 'memory', 'cpu', 'cpu'],
    );
    assert.deepEqual(requests, ['cpu,memory range=1h', 'cpu range=6h']);
  });

  it('asks for each panel alone when one of them is refused', async () => {
    const refused = new ApiError('Too many series.', 422, 'execution');
    const { load, requests } = loader((names) => (names.includes('cpu') ? refused : undefined));
    const [cpu, memory] = await Promise.allSettled([load('cpu', '', signal), load('memory', '', signal)]);
    assert.equal(cpu.status === 'rejected' && cpu.reason, refused);
    assert.equal(memory.status, 'fulfilled');
    assert.equal(requests.length, 3);
  });

  it('fails for all callers when the API is away', async () => {
    const away = new ApiError('The TSDB cannot be reached.', 503, 'unavailable');
    const { load, requests } = loader(() => away);
    const ends = await Promise.allSettled([load('cpu', '', signal), load('memory', '', signal)]);
    for (const end of ends) assert.equal(end.status === 'rejected' && end.reason, away);
    assert.equal(requests.length, 1);
  });

  it('does not ask for a caller that has left', async () => {
    const { load, requests } = loader();
    const controller = new AbortController();
    const left = load('cpu', '', controller.signal);
    const stays = load('memory', '', signal);
    controller.abort();
    await assert.rejects(left, { name: 'AbortError' });
    assert.equal((await stays).name, 'memory');
    assert.deepEqual(requests, ['memory ']);
  });
});
