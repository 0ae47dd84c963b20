import { expect, test } from 'vitest';
import { INPUT_COUNTING } from '../../fuzz/input-tally.ts';
import { runFuzzer } from '../../fuzz/run-fuzzer.ts';

test.each([1, 2])(
  'a run of %i workers counts crashes and hangs, kills what hangs, and goes on',
  async workers => {
    const told: string[] = [];
    const module = new URL('./faulty-fuzzer.ts', import.meta.url);
    const tally = await runFuzzer(module, INPUT_COUNTING, {
      seed: 1,
      firstBatch: 0,
      durationMs: 8000,
      workers,
      silenceMs: 3000,
      tell: line => told.push(line),
    });
    expect(tally.hangs).toBe(1);
    expect(tally.crashes).toBeGreaterThan(2);
    expect(tally.crashes).toBe(tally.accepted);
    expect(tally.known).toEqual(['known', 'never-reached']);
    expect(told.join('\n')).toContain(`input, 5 bytes: ${Buffer.from('crash').toString('base64')}`);
    expect(INPUT_COUNTING.complaints(tally)).toEqual([
      expect.stringContaining('crashes'),
      '1 hangs',
      'codes that nothing led to: never-reached',
    ]);
  },
);
