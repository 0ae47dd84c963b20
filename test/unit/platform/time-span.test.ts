import { expect, test } from 'vitest';
import { parseTimeSpan } from '../../../platform/time-span.ts';

test.each([
  ['0', 0],
  ['infinity', Number.POSITIVE_INFINITY],
  ['3min', 180_000],
  ['1min 30s', 90_000],
  ['1h 2min 3s', 3_723_000],
  ['1.5s', 1500],
  ['500ms', 500],
  ['1w 1d', 691_200_000],
  ['', undefined],
  ['90', undefined],
  ['1 min', undefined],
  ['-1s', undefined],
  ['1parsec', undefined],
  ['1min  30s', undefined],
])('%j is %s ms', (text, ms) => {
  expect(parseTimeSpan(text)).toBe(ms);
});
