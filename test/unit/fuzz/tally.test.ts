import { describe, expect, test } from 'vitest';
import { fuzzer } from '../../fuzz/context/fuzzer.ts';
import { judgeContext } from '../../fuzz/context/judge.ts';
import { addBatch, complaintsAbout, EMPTY_TALLY } from '../../fuzz/tally.ts';

const report = {
  batch: 0,
  inputs: 10,
  accepted: 1,
  codes: ['a'],
  crashes: [],
  hangs: [],
  peakMb: 100,
};

describe('a run', () => {
  test('that reached everything passes', () => {
    expect(complaintsAbout(addBatch(EMPTY_TALLY, report), ['a'])).toEqual([]);
  });

  test.each([
    [{ peakMb: 201 }, '201 MB, more than 200'],
    [{ accepted: 0 }, 'less than a tenth was accepted'],
    [{ codes: ['a', 'b'] }, 'codes that are in no table: b'],
    [{ crashes: ['x'] }, '1 crashes'],
    [{ hangs: ['x'] }, '1 hangs'],
  ])('with %j fails', (change, complaint) => {
    expect(complaintsAbout(addBatch(EMPTY_TALLY, { ...report, ...change }), ['a'])).toEqual([
      complaint,
    ]);
  });
});

describe('the fuzzer of contexts', () => {
  test('gives the same inputs for the same seed, and others for another', () => {
    expect(fuzzer.inputs(7, 3)).toEqual(fuzzer.inputs(7, 3));
    expect(fuzzer.inputs(7, 3)).not.toEqual(fuzzer.inputs(8, 3));
  });

  test('begins with a corpus that leads to every code', { timeout: 60_000 }, () => {
    const codes = new Set(fuzzer.inputs(1, 0).flatMap(input => judgeContext(input).codes));
    expect([...codes].sort()).toEqual([...fuzzer.codes].sort());
  });
});
