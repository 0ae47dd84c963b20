import { describe, expect, it, test } from 'vitest';
import type { Expected } from '../../../vm/faults/fault.ts';
import { type FaultEnd, faultLine, judgeFault } from '../../../vm/faults/judge-fault.ts';

const EXPECTED: Expected = { because: /^done/, begun: 1, finished: 1, heard: 'halted' };
const END: FaultEnd = {
  story: { agents: 1, begun: 1, finished: 1, because: 'done' },
  ...{ exit: 'guest-shutdown', seconds: 59.9, heard: 'halted', told: 'journal and console' },
};

const failures = (expected: Expected, end: FaultEnd): string[] =>
  judgeFault({ expected, boundS: 60 }, end).flatMap(({ what, holds }) => (holds ? [] : [what]));

describe('judgeFault', () => {
  it('is content with what was expected', () => {
    expect(failures(EXPECTED, END)).toEqual([]);
  });

  const { story } = END;
  const BOUND = 'it powers itself off within 60 s';
  test.each<[string, Partial<Expected>, Partial<FaultEnd>, string]>([
    ['too late', {}, { seconds: 60.1 }, BOUND],
    ['not at all', {}, { exit: undefined, seconds: 60 }, BOUND],
    ['by a reset', {}, { exit: 'guest-reset' }, BOUND],
    ['too soon', { notBeforeS: 60 }, {}, 'and not before 60 s'],
    ['for another reason', {}, { story: { ...story, because: 'zero' } }, 'it says why: ^done'],
    ['without a word', {}, { story: { ...story, because: undefined } }, 'it says why: ^done'],
    ['with a word', { because: 'silence' }, {}, 'nobody could say why'],
    ['twice begun', {}, { story: { ...story, begun: 2 } }, '1 began and 1 finished'],
    ['work lost', {}, { story: { ...story, finished: 0 } }, '1 began and 1 finished'],
    ['unheard', {}, { heard: 'running' }, 'the receiver’s last word of it is halted'],
    ['heard', { heard: 'less' }, {}, 'the receiver’s last word of it is less'],
    ['known', { heard: 'nothing' }, {}, 'the receiver’s last word of it is nothing'],
    ['untold', { told: { 'it says so': /never/ } }, {}, 'it says so'],
  ])('%s', (_, expected, end, failure) => {
    expect(failures({ ...EXPECTED, ...expected }, { ...END, ...end })).toEqual([failure]);
  });
});

describe('faultLine', () => {
  const fault = { done: 'SIGKILL', boundS: 60 };
  it('says what was done, what the VM did, seconds to its end, bound kept', () => {
    expect(faultLine(fault, 'it came back', 12.34, true)).toBe(
      'SIGKILL | it came back | 12.3 s of 60 s | bound kept',
    );
    expect(faultLine(fault, 'it hung', undefined, false)).toBe(
      'SIGKILL | it hung | no end | BOUND NOT KEPT',
    );
  });
});
