import { describe, expect, test } from 'vitest';
import { contextFuzzer } from '../../fuzz/context/fuzzer.ts';
import { judgeContext } from '../../fuzz/context/judge.ts';
import { INPUT_COUNTING } from '../../fuzz/input-tally.ts';

const { empty, add, complaints } = INPUT_COUNTING;

const report = {
  inputs: 10,
  accepted: 1,
  codes: ['a'],
  known: ['a'],
  crashes: [],
  hangs: [],
  peakMb: 100,
};

describe('a run', () => {
  test('that reached everything passes', () => {
    expect(complaints(add(empty, report))).toEqual([]);
  });

  test.each([
    [{ peakMb: 201 }, '201 MB, more than 200'],
    [{ accepted: 0 }, 'less than a tenth was accepted'],
    [{ codes: ['a', 'b'] }, 'codes that are in no table: b'],
    [{ crashes: ['x'] }, '1 crashes'],
    [{ hangs: ['x'] }, '1 hangs'],
  ])('with %j fails', (change, complaint) => {
    expect(complaints(add(empty, { ...report, ...change }))).toEqual([complaint]);
  });
});

describe('the fuzzer of contexts', () => {
  test('gives the same inputs for the same seed, and others for another', () => {
    expect(contextFuzzer.inputs(7, 3)).toEqual(contextFuzzer.inputs(7, 3));
    expect(contextFuzzer.inputs(7, 3)).not.toEqual(contextFuzzer.inputs(8, 3));
  });

  test('begins with a corpus that leads to every code', { timeout: 60_000 }, () => {
    const codes = new Set(contextFuzzer.inputs(1, 0).flatMap(input => judgeContext(input).codes));
    expect([...codes].sort()).toEqual([...contextFuzzer.codes].sort());
  });
});
