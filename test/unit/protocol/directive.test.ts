import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { DIRECTIVE_KINDS, Directive, isKnownDirective } from '../../../protocol/directive.ts';
import { HeartbeatResponse } from '../../../protocol/heartbeat.ts';

const common = { id: 'd-1', expiresInMs: 1000 };
const parse = (directive: object): Directive => v.parse(Directive, { ...common, ...directive });

/** What each kind cannot go without. */
const NEEDED: Readonly<Record<(typeof DIRECTIVE_KINDS)[number], object>> = {
  ...{ drain: {}, undrain: {}, halt: {}, 'collect-logs': {} },
  ...{ 'rediscover-squids': {}, 'reload-context': {} },
  'end-pilot': { pilot: '00-3' },
  signal: { signal: 'USR1' },
  pace: { everyMs: 5000, forMs: 60_000 },
};
const needsMore = (kind: string): boolean =>
  Object.keys(NEEDED[kind as keyof typeof NEEDED] ?? {}).length > 0;

describe('a known kind', () => {
  test.each(DIRECTIVE_KINDS)('%s is known', kind => {
    expect(isKnownDirective(parse({ kind, ...NEEDED[kind] }))).toBe(true);
    expect(isKnownDirective(parse({ kind }))).toBe(!needsMore(kind));
  });

  test('gets its defaults', () => {
    expect(parse({ kind: 'halt' })).toEqual({
      ...common,
      kind: 'halt',
      reason: '',
      mode: 'graceful',
    });
    expect(parse({ kind: 'drain' })).toEqual({ ...common, kind: 'drain', reason: '' });
  });

  test('keeps its fields and drops others', () => {
    expect(parse({ kind: 'drain', deadlineMs: 5, later: 1 })).toEqual({
      ...common,
      kind: 'drain',
      reason: '',
      deadlineMs: 5,
    });
  });
});

describe('an unknown kind', () => {
  test('survives as unknown, with its id, among known ones', () => {
    const { directives } = v.parse(HeartbeatResponse, {
      nextHeartbeatMs: 1000,
      receiverTime: '',
      directives: [
        { ...common, kind: 'drain' },
        { id: 'd-2', kind: 'dance', expiresInMs: 1000, partner: 'x' },
      ],
    });
    expect(directives.map(isKnownDirective)).toEqual([true, false]);
    expect(directives[1]).toMatchObject({ id: 'd-2', kind: 'dance' });
  });

  test('is any name that is not a known one', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 256 }), kind => {
        const known: readonly string[] = DIRECTIVE_KINDS.filter(each => !needsMore(each));
        expect(isKnownDirective(parse({ kind }))).toBe(known.includes(kind));
      }),
    );
  });

  test('is no directive without id or life time', () => {
    expect(v.is(Directive, { kind: 'dance', expiresInMs: 1 })).toBe(false);
    expect(v.is(Directive, { kind: 'dance', id: 'd-1' })).toBe(false);
  });
});

describe('a known kind with a field that is not understood', () => {
  test.each([
    { kind: 'halt', mode: 'gently' },
    { kind: 'drain', deadlineMs: 'soon' },
    { kind: 'drain', deadlineMs: -1 },
    { kind: 'peek', thing: 'shell', pilot: '00' },
    { kind: 'peek', thing: 'ps' },
    { kind: 'end-pilot', pilot: '00', mode: 'softly' },
    { kind: 'end-pilot', pilot: '00', restart: 'later' },
    { kind: 'signal', signal: 'TERM' },
    { kind: 'collect-logs', of: '/etc/passwd' },
    { kind: 'pace', everyMs: 10, forMs: 60_000 },
    { kind: 'pace', everyMs: 5000 },
  ])('%o is unknown, not obeyed in part', directive => {
    const parsed = parse(directive);
    expect(isKnownDirective(parsed)).toBe(false);
    expect(isKnownDirective(v.parse(Directive, parsed))).toBe(false);
  });
});
