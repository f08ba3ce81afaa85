import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  EMPTY_FORM,
  formOf,
  newIdempotencyKey,
  readForm,
  requestOf,
} from '../../../../dashboard/src/tasks/task/task-form.ts';

const form = { ...EMPTY_FORM, eventType: 'a.b' };

describe('the form of a task', () => {
  it('makes a request of the filled fields', () => {
    assert.deepEqual(readForm({ ...form, payload: '' }), { request: { event_type: 'a.b' }, errors: {} });
    const full = { ...form, payload: '[1]', priority: '2', delaySeconds: '0.5', maxAttempts: '3' };
    assert.deepEqual(readForm(full).request, {
      event_type: 'a.b',
      payload: [1],
      priority: 2,
      delay_ms: 500,
      max_attempts: 3,
    });
  });

  it('begins with what another task has, and makes the same task of it', () => {
    const task = {
      event_type: 'a.b',
      payload: { who: 'a\u202Eb', n: [1, null] },
      priority: 3,
      max_attempts: 2,
    };
    const filled = formOf(task);
    assert.match(filled.payload, /"who": "a\\u202eb"/);
    assert.deepEqual(readForm(filled).request, requestOf(task));
    assert.deepEqual(readForm(filled).request, task);
    const { priority, ...usual } = requestOf({ ...task, priority: 0, payload: null });
    assert.equal(priority, undefined);
    assert.deepEqual(readForm(formOf({ ...task, priority: 0, payload: null })).request, usual);
  });

  it('says what each field expects, and where the JSON is broken', () => {
    const wrong = {
      eventType: 'A',
      payload: '{"a": }',
      priority: '-1',
      delaySeconds: 'x',
      maxAttempts: '1.5',
    };
    const { request, errors } = readForm(wrong);
    assert.equal(request, undefined);
    assert.match(errors.eventType ?? '', /lower-case letter/);
    assert.match(errors.payload ?? '', /Expected JSON. Unexpected token '}'/);
    assert.match(errors.priority ?? '', /from 0 to 2097152/);
    assert.match(errors.delaySeconds ?? '', /seconds from 0/);
    assert.match(errors.maxAttempts ?? '', /from 1 to 100/);
  });

  it('has a new key each time', () => {
    assert.match(newIdempotencyKey(), /^[0-9a-f]{32}$/);
    assert.notEqual(newIdempotencyKey(), newIdempotencyKey());
  });
});
