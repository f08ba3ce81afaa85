/** The header that sends the user and the password of a URL; none where it has neither. */
export function basicAuthorization({ username, password }: URL): { authorization?: string } {
  const credentials = [username, password].map(decodeURIComponent).join(':');
  return credentials === ':' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}
