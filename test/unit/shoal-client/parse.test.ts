import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPilotageError } from '../../../platform/errors.ts';
import { parseNearest } from '../../../shoal-client/parse.ts';
import { proxyString } from '../../../shoal-client/proxy-string.ts';
import { shoalReply } from '../../support/shoal-reply.ts';

const one = (entry: object) => parseNearest(JSON.stringify({ '0': entry }));
const minimal = { hostname: 'squid', squid_port: 3128, public_ip: '192.0.2.1' };

describe('the reply of a stock server', () => {
  test('gives what is needed of each squid, in its order', () => {
    const squid = { hostname: 'squid1.example.org', publicIp: '206.12.1.2', privateIp: '10.0.0.5' };
    expect(parseNearest(shoalReply([squid, { hostname: 'b', publicIp: '192.0.2.7' }]))).toEqual({
      candidates: [
        {
          hostname: 'squid1.example.org',
          address: '10.0.0.5',
          port: 3128,
          isPrivate: true,
          upstream: 'both',
          distance: 0.00385,
          loadKibps: 350.2,
        },
        expect.objectContaining({ hostname: 'b', address: '192.0.2.7', isPrivate: false }),
      ],
      ignored: 0,
    });
  });

  test.each(['null', '{}'])('%s is no squid', body => {
    expect(parseNearest(body)).toEqual({ candidates: [], ignored: 0 });
  });

  test('is ordered by its keys as numbers', () => {
    const squids = Array.from({ length: 12 }, (_, n) => ({ hostname: `s${n}`, publicIp: '::1' }));
    const reversed = Object.entries(JSON.parse(shoalReply(squids)) as object).reverse();
    const body = `{${reversed.map(([k, v]) => `"${k}":${JSON.stringify(v)}`).join(',')}}`;
    const names = parseNearest(body).candidates.map(({ hostname }) => hostname);
    expect(names).toEqual(squids.map(({ hostname }) => hostname));
  });
});

describe('an entry', () => {
  test.each([
    [{ private_ip: '10.0.0.1' }, '10.0.0.1', true],
    [{ private_ip: null }, '192.0.2.1', false],
    [{ public_ip: null, external_ip: '198.51.100.1' }, '198.51.100.1', false],
    [{ public_ip: '2001:db8::1' }, '2001:db8::1', false],
  ])('%o is used at %s', (fields, address, isPrivate) => {
    expect(one({ ...minimal, ...fields }).candidates).toEqual([
      expect.objectContaining({ address, isPrivate }),
    ]);
  });

  test.each([
    [{ squid_port: 8080 }, 8080],
    [{ squid_port: undefined, cache_port: 8081 }, 8081],
    [{ squid_port: '3129' }, 3129],
    [{ cache_port: 8082 }, 8082],
  ])('%o is used at port %d', (fields, port) => {
    expect(one({ ...minimal, ...fields }).candidates[0]?.port).toBe(port);
  });

  test.each([
    { squid_port: undefined },
    { squid_port: 0 },
    { squid_port: 65_536 },
    { squid_port: '31 28' },
    { public_ip: null },
    { public_ip: 'squid.example.org' },
    { public_ip: '192.0.2.1;DIRECT' },
    { public_ip: '192.0.2.1|http://198.51.100.9' },
    { public_ip: '192.0.2.256' },
    { public_ip: 42 },
    { upstream: 'everything' },
    { distance: 'near' },
  ])('%o is ignored, and the others are kept', fields => {
    const body = JSON.stringify({ '0': { ...minimal, ...fields }, '1': minimal });
    const { candidates, ignored } = parseNearest(body);
    expect([candidates.length, ignored]).toEqual([1, 1]);
  });
});

describe('what is no reply', () => {
  test.each(['', 'x', '[]', '[{}]', '"a"', '1', 'true', '<html></html>', '{"0": '])(
    '%j fails as reply-invalid',
    body => {
      expect(() => parseNearest(body)).toThrow(expect.objectContaining({ code: 'reply-invalid' }));
    },
  );

  test('never gets more into the proxy string than addresses and ports', () => {
    const field = fc.oneof(fc.jsonValue(), fc.ipV4(), fc.ipV6(), fc.integer());
    const entry = fc.record(
      { squid_port: field, cache_port: field, public_ip: field, private_ip: field },
      { requiredKeys: [] },
    );
    const reply = fc.oneof(fc.jsonValue(), fc.dictionary(fc.nat(99).map(String), entry));
    fc.assert(
      fc.property(reply, value => {
        try {
          expect(proxyString(parseNearest(JSON.stringify(value)).candidates)).toMatch(
            /^(?:http:\/\/(?:[\d.]+|\[[\da-fA-F:.]+\]):\d{1,5}(?:\||$))*$/,
          );
        } catch (error) {
          if (!isPilotageError(error)) throw error;
        }
      }),
    );
  });
});
