import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clearHistory,
  parseHistory,
  readHistory,
  remember,
  remembered,
} from '../../../../dashboard/src/explore/queries/history.ts';

function createStore() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, text: string) => void items.set(key, text),
    removeItem: (key: string) => void items.delete(key),
  };
}

test('a query that is run again moves to the top', () => {
  const before = [
    { query: 'b', at: 2 },
    { query: 'a', at: 1 },
  ];
  assert.deepEqual(remembered(before, 'a', 3), [
    { query: 'a', at: 3 },
    { query: 'b', at: 2 },
  ]);
});

test('keeps the last 50 queries', () => {
  const store = createStore();
  for (let i = 0; i < 60; i++) remember(store, `q${i}`, i);
  const entries = readHistory(store);
  assert.equal(entries.length, 50);
  assert.deepEqual(entries[0], { query: 'q59', at: 59 });
  clearHistory(store);
  assert.deepEqual(readHistory(store), []);
});

test('entries that are not valid are left out', () => {
  for (const text of [null, '', '{', '{}', 'null']) assert.deepEqual(parseHistory(text), []);
  assert.deepEqual(parseHistory('[1,null,{"query":""},{"query":"up","at":1}]'), [{ query: 'up', at: 1 }]);
});

test('a full store fails in silence', () => {
  const full = {
    ...createStore(),
    setItem: () => {
      throw new Error('QuotaExceededError');
    },
  };
  assert.doesNotThrow(() => remember(full, 'up', 1));
});
