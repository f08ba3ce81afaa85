import assert from 'node:assert/strict';
import { it } from 'node:test';
import { basicAuthorization } from '../../../src/shared/basic-authorization.ts';

it('sends the user and the password of a URL as they are without escapes, and nothing where it has neither', () => {
  const sent = (url: string) => basicAuthorization(new URL(url)).authorization;
  const encoded = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  assert.equal(sent('http://ada:p%40ss%C3%A9@host/path'), encoded('ada:p@ssé'));
  assert.equal(sent('http://ada@host'), encoded('ada:'));
  assert.equal(sent('http://:secret@host'), encoded(':secret'));
  assert.equal(sent('http://host'), undefined);
});
