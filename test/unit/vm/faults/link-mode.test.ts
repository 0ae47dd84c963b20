import { expect, test } from 'vitest';
import { type Handling, handlingOf, type LinkMode } from '../../../vm/faults/link-mode.ts';

const BEAT = '/v1/heartbeat';

test.each<[LinkMode, string, Handling[]]>([
  ['well', BEAT, ['pass', 'pass']],
  ['answers-lost', BEAT, ['lose-answer', 'lose-answer']],
  ['requests-lost', '/v1/enrol', ['lose', 'lose']],
  ['delayed', BEAT, ['delay', 'delay']],
  ['repeated', BEAT, ['repeat', 'repeat']],
  ['repeated', '/v1/logs', ['pass', 'pass']],
  ['reordered', BEAT, ['keep', 'pass', 'keep', 'pass']],
  ['reordered', '/v1/enrol', ['pass', 'pass']],
])('%s: %s → %j', (mode, path, handlings) => {
  expect(handlings.map((_, count) => handlingOf(mode, path, count))).toEqual(handlings);
});
