import { expect, it } from 'vitest';
import { bearerToken, createSecretCheck, createToken } from '../../../../receiver/http/secrets.ts';

it('makes tokens of 256 bits, none like another', () => {
  const tokens = Array.from({ length: 100 }, createToken);
  expect(new Set(tokens).size).toBe(100);
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

it.each(['', 'secre', 'secret ', 'Secret', 'secretsecret'])(
  'does not take "%s" for secret',
  given => {
    expect(createSecretCheck('secret')(given)).toBe(false);
    expect(createSecretCheck('secret')('secret')).toBe(true);
  },
);

it.each([
  ['Bearer abc', 'abc'],
  ['bearer a.b-c_~+/=', 'a.b-c_~+/='],
  ['Basic abc', undefined],
  ['Bearer', undefined],
  ['Bearer a b', undefined],
  [undefined, undefined],
])('reads %s', (header, token) => {
  expect(bearerToken(header)).toBe(token);
});
