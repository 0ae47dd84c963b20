import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../protocol/limits.ts';
import { EXAMPLES, exampleOf } from './examples.ts';

describe.each(EXAMPLES)('$name', ({ schema, message }) => {
  test('accepts its example, as it is after a journey', () => {
    const parsed = v.parse(schema, JSON.parse(JSON.stringify(message)));
    expect(parsed).toEqual(message);
  });

  test('refuses any JSON that does not follow it, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(typeof v.safeParse(schema, value).success).toBe('boolean');
      }),
    );
  });

  test('refuses its example with any field replaced by what does not fit, and never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(message)), fc.jsonValue(), (field, value) => {
        const result = v.safeParse(schema, { ...message, [field]: value });
        expect(result.success || result.issues.length > 0).toBe(true);
      }),
    );
  });
});

describe('unknown fields', () => {
  const known = EXAMPLES.filter(({ name }) => name !== 'Directive');
  test.each(known)('of $name are ignored', ({ schema, message }) => {
    expect(v.parse(schema, { ...message, later: { nested: [1] } })).toEqual(message);
  });

  test('of what stands inside a message are ignored', () => {
    const { schema, message } = exampleOf('EnrolRequest');
    const identity = { ...(message.identity as object), gpu: 'x' };
    expect(v.parse(schema, { ...message, identity })).toEqual(message);
  });
});

const repeat = (item: unknown, count: number): unknown[] =>
  Array.from({ length: count }, () => item);
const first = (name: string, field: string): unknown =>
  (exampleOf(name).message[field] as unknown[])[0];

/** What just fits, and what is one too many. */
const BOUNDS: readonly [name: string, field: string, fits: unknown, tooMuch: unknown][] = [
  ['EnrolRequest', 'nonce', 'a'.repeat(128), 'a'.repeat(129)],
  ['EnrolRequest', 'nonce', 'a'.repeat(32), 'a'.repeat(31)],
  ['EnrolRequest', 'nonce', 'f'.repeat(32), 'F'.repeat(32)],
  ['EnrolRequest', 'secret', 'x'.repeat(1024), 'x'.repeat(1025)],
  ['EnrolRequest', 'secret', 'x', ''],
  ['EnrolRequest', 'bootId', 'x'.repeat(LIMITS.nameChars), 'x'.repeat(LIMITS.nameChars + 1)],
  ['EnrolRequest', 'protocol', 2, 0],
  ['EnrolRequest', 'protocol', 1, 1.5],
  ['EnrolResponse', 'token', 'a'.repeat(43), 'a'.repeat(44)],
  ['EnrolResponse', 'token', '-'.repeat(43), '+'.repeat(43)],
  ['EnrolResponse', 'vmId', '0192f0c1-2b3c-7d4e-8f50-a1b2c3d4e5f6', 'vm-1'],
  ['EnrolResponse', 'nextHeartbeatMs', 0, -1],
  ['HeartbeatRequest', 'sequence', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER + 1],
  ['HeartbeatRequest', 'sequence', 0, -1],
  ['HeartbeatRequest', 'sequence', 1, 1.5],
  ['HeartbeatRequest', 'uptimeMs', 0.5, Number.POSITIVE_INFINITY],
  ['HeartbeatRequest', 'reason', 'x'.repeat(LIMITS.textChars), 'x'.repeat(LIMITS.textChars + 1)],
  ['HeartbeatRequest', 'state', 'halted', 'stalled'],
  ['HeartbeatRequest', 'load', { ok: true, value: -1 }, { ok: true, value: Number.NaN }],
  ['HeartbeatRequest', 'load', { ok: false, reason: 'failed' }, { ok: false, reason: 'zero' }],
  ['HeartbeatRequest', 'load', { ok: false, reason: 'no-data' }, { ok: true }],
  ['HeartbeatRequest', 'pilots', [], null],
  ['PilotReport', 'generation', 0, -1],
  ['PilotReport', 'state', 'gave-up', 'lost'],
  ['Acknowledgement', 'outcome', 'unknown-kind', 'ignored'],
  ['Directive', 'expiresInMs', 0, -1],
  ['Directive', 'id', 'x', ''],
  ['HeartbeatResponse', 'directives', [], [{}]],
  ['HeartbeatResponse', 'credentials', undefined, [{ name: 'a' }]],
  ['CredentialOffer', 'name', 'x'.repeat(64), 'x'.repeat(65)],
  ['CredentialOffer', 'name', '0.a_b-c', '..'],
  ['CredentialOffer', 'name', 'a', 'a/b'],
  ['CredentialOffer', 'version', 'x'.repeat(64), 'x'.repeat(65)],
  ['CredentialOffer', 'version', '1', ''],
  ['CredentialResponse', 'content', 'x'.repeat(65_536), 'x'.repeat(65_537)],
  ['CredentialResponse', 'content', '\tä\r\n', '\0'],
  ['CredentialResponse', 'content', '\u{1F511}', '\ud83d'],
  ['CredentialResponse', 'content', ' ', ''],
  ['PeekDirective', 'thing', 'stack', 'strace'],
  ['PeekDirective', 'pilot', '00', '0'],
  ['PeekDirective', 'pilot', '00-3', '00-'],
  ['PeekDirective', 'pilot', '00', '../00'],
  ['PeekDirective', 'path', 'a b', 'a\nb'],
  ['PeekDirective', 'path', 'x'.repeat(1024), ''],
  ['PeekDirective', 'lines', 1000, 1001],
  ['PeekDirective', 'fromByte', 0, -1],
  ['PeekAnswer', 'text', 'x'.repeat(LIMITS.peekChars), 'x'.repeat(LIMITS.peekChars + 1)],
];

/** Lists, with the number of items that just fit. */
const LISTS: readonly [name: string, field: string, count: number][] = [
  ['HeartbeatRequest', 'pilots', LIMITS.pilots],
  ['HeartbeatRequest', 'acknowledged', LIMITS.directives],
  ['HeartbeatRequest', 'logs', LIMITS.logPieces],
  ['HeartbeatRequest', 'verdicts', 32],
  ['HeartbeatResponse', 'directives', LIMITS.directives],
  ['LogsResponse', 'directives', LIMITS.directives],
  ['HeartbeatResponse', 'credentials', LIMITS.credentials],
  ['HeartbeatResponse', 'plans', LIMITS.plans],
];

describe('bounds', () => {
  const accepts = (name: string, field: string, value: unknown): boolean => {
    const { schema, message } = exampleOf(name);
    return v.is(schema, { ...message, [field]: value });
  };

  test.each(BOUNDS)('of %s.%s hold (case %#)', (name, field, fits, tooMuch) => {
    expect([accepts(name, field, fits), accepts(name, field, tooMuch)]).toEqual([true, false]);
  });

  test.each(LISTS)('of %s.%s are %d items', (name, field, count) => {
    const item = first(name, field);
    expect(accepts(name, field, repeat(item, count))).toBe(true);
    expect(accepts(name, field, repeat(item, count + 1))).toBe(false);
  });

  test('a piece of log is bounded', () => {
    const piece = (chars: number) => [{ source: 'agent', fromByte: 0, text: 'x'.repeat(chars) }];
    expect(accepts('HeartbeatRequest', 'logs', piece(LIMITS.logPieceChars))).toBe(true);
    expect(accepts('HeartbeatRequest', 'logs', piece(LIMITS.logPieceChars + 1))).toBe(false);
  });

  test('the longest content fits into a message, however JSON writes it', () => {
    const { schema, message } = exampleOf('CredentialResponse');
    for (const char of ['\n', '"', '\\', '\u20ac', 'x']) {
      const text = JSON.stringify({ ...message, content: char.repeat(LIMITS.credentialChars) });
      expect(v.is(schema, JSON.parse(text))).toBe(true);
      expect(Buffer.byteLength(text)).toBeLessThan(LIMITS.bodyBytes);
    }
  });

  test('the longest answer to a look fits into a message, whatever a pilot printed', () => {
    const { message } = exampleOf('PeekAnswer');
    for (const char of ['\0', '\u20ac', '\ufffd', 'x']) {
      const text = JSON.stringify({ ...message, text: char.repeat(LIMITS.peekChars) });
      expect(Buffer.byteLength(text)).toBeLessThan(LIMITS.bodyBytes);
    }
  });

  test('what may be left out gets its default', () => {
    const { schema, message } = exampleOf('HeartbeatRequest');
    const { reason: _r, verdicts: _v, acknowledged: _a, logs: _l, ...rest } = message;
    expect(v.parse(schema, rest)).toEqual({
      ...rest,
      reason: '',
      verdicts: [],
      acknowledged: [],
      logs: [],
    });
  });

  test.each(['protocol', 'bootId', 'sequence', 'state', 'load', 'pilots'])(
    'a heartbeat without %s is none',
    field => {
      const { schema, message } = exampleOf('HeartbeatRequest');
      const { [field]: _, ...rest } = message;
      expect(v.is(schema, rest)).toBe(false);
    },
  );
});
