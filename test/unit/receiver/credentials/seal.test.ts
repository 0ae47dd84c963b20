import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSealer, parseSealKey } from '../../../../receiver/credentials/seal.ts';

const key = Buffer.alloc(32, 1);
const to = { name: 'token', scope: { vo: 'atlas' }, version: 'v1' };

describe('a sealed content', () => {
  it('opens to what it was', () => {
    const { seal, open } = createSealer(key);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), content => {
        expect(open(seal(content, to), to)).toBe(content);
      }),
    );
  });

  it('shows nothing of itself, and is never the same twice', () => {
    const { seal } = createSealer(key);
    const content = 'canary-secret';
    const sealed = [seal(content, to), seal(content, to)].map(({ bytes }) => Buffer.from(bytes));
    expect(sealed[0]).not.toEqual(sealed[1]);
    for (const bytes of sealed) expect(bytes.includes('canary')).toBe(false);
  });

  it.each([
    ['name', { ...to, name: 'other' }],
    ['scope', { ...to, scope: { vo: 'cms' } }],
    ['scope', { ...to, scope: {} }],
    ['version', { ...to, version: 'v2' }],
  ])('does not open in the place of another %s', (_what, other) => {
    const { seal, open } = createSealer(key);
    expect(() => open(seal('x', to), other)).toThrow('was changed in the database');
  });

  it('does not open once any byte is changed, or cut off', () => {
    const { seal, open } = createSealer(key);
    const sealed = seal('secret', to);
    for (let n = 0; n < sealed.bytes.length; n += 1) {
      const bytes = Buffer.from(sealed.bytes);
      bytes[n] = (bytes[n] ?? 0) ^ 1;
      expect(() => open({ ...sealed, bytes }, to)).toThrow('was changed in the database');
      expect(() => open({ ...sealed, bytes: sealed.bytes.subarray(0, n) }, to)).toThrow('changed');
    }
    for (const nonce of [Buffer.alloc(12), Buffer.alloc(0)])
      expect(() => open({ ...sealed, nonce }, to)).toThrow('changed');
  });

  it('says which key it needs', () => {
    const [ours, theirs] = [createSealer(key), createSealer(Buffer.alloc(32, 2))];
    expect(ours.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(createSealer(key).keyId).toBe(ours.keyId);
    expect(() => theirs.open(ours.seal('x', to), to)).toThrow(
      `the credential token was sealed by the key ${ours.keyId}, this one is ${theirs.keyId}`,
    );
  });
});

describe('a key', () => {
  it('is 256 bits of base64url', () => {
    const bytes = randomBytes(32);
    expect(parseSealKey(bytes.toString('base64url'))).toEqual(bytes);
  });

  it.each(['', 'a-password-of-somebody', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`])(
    'is not "%s"',
    text => {
      expect(parseSealKey(text)).toBeUndefined();
    },
  );
});
