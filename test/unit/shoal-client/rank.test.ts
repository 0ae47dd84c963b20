import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Candidate } from '../../../shoal-client/candidate.ts';
import { proxyString } from '../../../shoal-client/proxy-string.ts';
import { rankCandidates } from '../../../shoal-client/rank.ts';

const squid = (address: string, fields: Partial<Candidate> = {}): Candidate => ({
  hostname: address,
  address,
  port: 3128,
  isPrivate: false,
  upstream: 'both',
  ...fields,
});
const ranked = (...candidates: Candidate[]): string[] =>
  rankCandidates(candidates).map(({ address }) => address);

describe('rankCandidates', () => {
  test('puts the nearest first', () => {
    expect(ranked(squid('a', { distance: 0.3 }), squid('b', { distance: 0.1 }))).toEqual([
      'b',
      'a',
    ]);
  });

  test('keeps the order of the server where it states no distance', () => {
    expect(ranked(squid('c'), squid('a'), squid('b'))).toEqual(['c', 'a', 'b']);
    expect(ranked(squid('c'), squid('a', { distance: 9 }), squid('b'))).toEqual(['a', 'c', 'b']);
  });

  test('leaves out caches for Frontier alone', () => {
    const upstreams = ['frontier', 'cvmfs', 'both'] as const;
    expect(ranked(...upstreams.map(upstream => squid(upstream, { upstream })))).toEqual([
      'cvmfs',
      'both',
    ]);
  });

  test('counts a cache once, at its best place', () => {
    const near = squid('a', { distance: 0.1 });
    expect(ranked(squid('a', { distance: 0.9 }), squid('b', { distance: 0.5 }), near)).toEqual([
      'a',
      'b',
    ]);
    expect(ranked(squid('a'), squid('a', { port: 8080 }))).toEqual(['a', 'a']);
  });

  test('does not depend on the order in which different distances arrive', () => {
    const some = fc.uniqueArray(fc.double({ min: 0, max: 2, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(some, fc.infiniteStream(fc.nat()), (distances, keys) => {
        const squids = distances.map((distance, n) => squid(`s${n}`, { distance }));
        const shuffled = squids
          .map(item => ({ item, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ item }) => item);
        expect(ranked(...shuffled)).toEqual(ranked(...squids));
      }),
    );
  });
});

describe('proxyString', () => {
  const two = [squid('192.0.2.1'), squid('192.0.2.2', { port: 8080 })];

  test.each([
    [two, undefined, 'http://192.0.2.1:3128|http://192.0.2.2:8080'],
    [two, 'DIRECT', 'http://192.0.2.1:3128|http://192.0.2.2:8080;DIRECT'],
    [[], 'http://p:1;DIRECT', 'http://p:1;DIRECT'],
    [[squid('2001:db8::1')], '', 'http://[2001:db8::1]:3128'],
    [[], undefined, ''],
  ])('case %#', (squids, defaults, text) => expect(proxyString(squids, defaults)).toBe(text));
});
