import { expect, it } from 'vitest';
import { mayGiveUp } from '../../../../receiver/deletions/judge-lost.ts';

it.each([
  [1, 0, true],
  [2, 0, true],
  [3, 0, false],
  [3, 2, false],
  [3, 3, true],
  [100, 99, false],
  [100, 10_000, true],
])('%i silent beside %i that speak may be given up: %s', (silent, speaking, may) => {
  expect(mayGiveUp({ silent, speaking })).toBe(may);
});
