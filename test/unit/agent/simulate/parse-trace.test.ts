import { describe, expect, test } from 'vitest';
import { parseTrace } from '../../../../agent/simulate/parse-trace.ts';
import { TRACE_LIMITS } from '../../../../agent/simulate/trace.ts';

const HEAD = '{"trace":1}';
const lines = (...all: string[]): string => `${[HEAD, ...all].join('\n')}\n`;

describe('a trace', () => {
  test('is a head and lines; what begins with x- is whoever wrote it', () => {
    const trace = parseTrace(
      't.json',
      lines(
        '{"atMs":0,"x-note":"by hand","readings":{"load":0.5,"gpus":"failed"}}',
        '',
        '{"atMs":10000,"pilots":[{"slot":"00","generation":1,"state":"running"}]}',
      ),
    );
    expect(trace.head).toEqual({
      ...{ trace: 1, about: '', ageMs: 0, slots: [{ name: '00', cores: 1 }] },
    });
    expect(trace.lines).toMatchObject([
      { atMs: 0, readings: { load: 0.5, gpus: 'failed' }, orders: [] },
      { atMs: 10_000, pilots: [{ slot: '00', generation: 1 }] },
    ]);
  });

  test.each([
    ['', 't.json:1: nothing was seen in it; remedy: '],
    [HEAD, 't.json:1: nothing was seen in it; remedy: '],
    ['{"atMs":0}\n', 't.json:1: trace: missing; remedy: add trace'],
    ['{"trace":2}\n{"atMs":0}', 't.json:1: trace: not understood; remedy: trace: 1'],
    [lines('load=1'), 't.json:2: no JSON; remedy: one JSON object a line'],
    [lines('7'), 't.json:2: not understood; remedy: an object'],
    [lines('{}'), 't.json:2: atMs: missing; remedy: add atMs'],
    [lines('{"atMs":"1m"}'), 't.json:2: atMs: not understood; remedy: a number of ms'],
    [lines('{"atMs":-1}'), 't.json:2: atMs: not understood; remedy: not below 0'],
    [lines('{"atMs":1e12}'), 't.json:2: atMs: not understood; remedy: at most 90 days'],
    [
      lines('{"atMs":0,"readings":{"laod":1}}'),
      't.json:2: readings.laod: unknown key; remedy: did you mean load?',
    ],
    [
      lines('{"atMs":0,"readings":{"load":null}}'),
      't.json:2: readings.load: not understood; remedy: a number, no-data or failed',
    ],
    [
      lines('{"atMs":0,"pilots":[{"slot":"0","generation":1,"state":"running"}]}'),
      't.json:2: pilots.0.slot: not understood; remedy: two digits or more',
    ],
    [
      lines('{"atMs":0,"notices":[{"id":"a b","source":"ec2","kind":"preempt"}]}'),
      't.json:2: notices.0.id: not understood; remedy: a word without spaces',
    ],
    [
      lines('{"atMs":5}', '{"atMs":4}'),
      't.json:3: atMs: before the line above it; remedy: from 5 on',
    ],
    [
      lines(`{"atMs":0,"x":"${'a'.repeat(TRACE_LIMITS.lineChars)}"}`),
      't.json:2: too long; remedy: ',
    ],
  ])('%j is refused', (text, told) => {
    expect(() => parseTrace('t.json', text)).toThrow(told);
  });

  test('is refused with everything that is wrong, up to a bound', () => {
    const refuse = () => parseTrace('t.json', lines(...Array.from({ length: 99 }, () => '{}')));
    expect(refuse).toThrow(/^(?:t\.json:\d+: atMs: missing; remedy: [^\n]+\n?){20}$/);
    expect(refuse).toThrow(expect.objectContaining({ code: 'trace-invalid' }));
  });

  test('of more lines than anybody would wait for is refused', { timeout: 60_000 }, () => {
    const text = `${HEAD}\n${'{"atMs":0}\n'.repeat(TRACE_LIMITS.lines + 1)}`;
    expect(() => parseTrace('t.json', text)).toThrow('too many lines; remedy: at most 200000');
  });
});
