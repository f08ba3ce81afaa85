import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { createHandlers } from '../../../examples/handlers/index.ts';
import { loadSettings } from '../../../examples/handlers/settings.ts';

test('has only repository.report by default, for the current folder', () => {
  const settings = loadSettings({ AGENT_URL: '' });
  assert.equal(settings.workspacePath, process.cwd());
  assert.deepEqual(Object.keys(createHandlers(settings)), ['repository.report']);
});

test('adds the agent and the program that the operator sets', () => {
  const settings = loadSettings({
    WORKSPACE_PATH: tmpdir(),
    AGENT_URL: 'http://127.0.0.1:9/agent',
    AGENT_TOKEN: 'secret',
    PROGRAM_COMMAND: '["cat", "-"]',
  });
  assert.deepEqual(settings, {
    workspacePath: tmpdir(),
    agent: { url: 'http://127.0.0.1:9/agent', token: 'secret' },
    programCommand: ['cat', '-'],
  });
  assert.deepEqual(Object.keys(createHandlers(settings)), ['repository.report', 'agent.call', 'program.run']);
});

test('names every bad variable and what it expected, and shows no secret', () => {
  const load = () =>
    loadSettings({
      WORKSPACE_PATH: '/no/such/folder',
      AGENT_URL: 'http://user:hunter2@host/',
      AGENT_TOKEN: 'two words',
      PROGRAM_COMMAND: 'cat -',
    });
  assert.throws(load, (error: Error) => {
    assert.match(error.message, /WORKSPACE_PATH: expected an existing folder; got "\/no\/such\/folder"/);
    assert.match(error.message, /AGENT_URL: expected .* without user and password; got another value/);
    assert.match(error.message, /AGENT_TOKEN: expected printable ASCII/);
    assert.match(error.message, /PROGRAM_COMMAND: expected a JSON array of strings.*; got "cat -"/);
    assert.doesNotMatch(error.message, /hunter2|two words/);
    return true;
  });
});

for (const given of ['[]', '[""]', '["a", 1]', '"cat"', '{"0": "cat"}']) {
  test(`refuses ${given} as the command of a program`, () => {
    assert.throws(() => loadSettings({ PROGRAM_COMMAND: given }), /PROGRAM_COMMAND/);
  });
}
