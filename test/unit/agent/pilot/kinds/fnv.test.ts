import { expect, test } from 'vitest';
import { fnv128 } from '../../../../../agent/pilot/kinds/fnv.ts';

// The vectors of the algorithm's authors (draft-eastlake-fnv).
test.each([
  ['', '6c62272e07bb014262b821756295c58d'],
  ['a', 'd228cb696f1a8caf78912b704e4a8964'],
  ['foobar', '343e1662793c64bf6f0d3597ba446f18'],
])('FNV-1a of 128 bits of %j is %s', (text, hash) => {
  expect(fnv128(text)).toBe(hash);
});
