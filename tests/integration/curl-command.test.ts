import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { formatCurl } from '../../dashboard/src/tasks/curl-command.ts';
import { request } from '../support/http.ts';
import { startOrchestrator, startRedis } from '../support/processes.ts';

const TOKEN = 'token-of-the-shell';

it('the command that the dashboard offers submits the same task from a shell', async (t) => {
  const redis = await startRedis(t);
  const { url: origin } = await startOrchestrator(t, { REDIS_URL: redis.url, API_TOKEN: TOKEN });
  const hostile = `'; echo $HOME \`id\` "$(id)" \\ !! %s\n@file é \u202e\u009b31m END`;
  for (const payload of [
    { [hostile]: hostile, n: 0.1 },
    'END',
    null,
    { long: `${'x'.repeat(700_000)}${hostile}`, lines: 'END\nEND' },
  ]) {
    const task = { event_type: 'shell.test', payload, priority: 7, max_attempts: 2 };
    const command = formatCurl(task, { origin, needsToken: true });
    assert.ok(!command.includes(TOKEN) && !/[\u007f-\u009f\u202e]/.test(command));
    const shell = promisify(execFile)('sh', ['-e'], { env: { ...process.env, ASDLC_TOKEN: TOKEN } });
    shell.child.stdin?.end(command);
    const { id } = JSON.parse((await shell).stdout);
    const { body } = await request(`${origin}/api/tasks/${id}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const { event_type, priority, max_attempts } = body;
    assert.deepEqual({ event_type, payload: body.payload, priority, max_attempts }, task);
  }
});
