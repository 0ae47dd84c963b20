import { expect, it } from 'vitest';
import { concludeRun } from '../../vm/conclusions.ts';

it('is a table of lines, and names whose is missing', () => {
  expect(
    concludeRun([
      { name: 'faults-a', line: 'done | well' },
      { name: 'faults-b', line: undefined },
    ]),
  ).toEqual({ lines: ['faults-a | done | well'], missing: ['faults-b'] });
});
