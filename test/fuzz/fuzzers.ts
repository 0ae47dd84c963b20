import type { Counting } from './fuzzer.ts';
import { INPUT_COUNTING } from './input-tally.ts';
import { POLICY_COUNTING } from './policies/tally.ts';
import { type FuzzSetting, runFuzzer } from './run-fuzzer.ts';

/** What a run came to. */
export interface FuzzOutcome {
  result: Readonly<Record<string, number>>;
  complaints: readonly string[];
}

const fuzzing =
  <Part, Tally>(
    module: string,
    counting: Counting<Part, Tally>,
    always: Partial<FuzzSetting> = {},
  ) =>
  async (setting: FuzzSetting): Promise<FuzzOutcome> => {
    const startedMs = performance.now();
    const url = new URL(module, import.meta.url);
    const tally = await runFuzzer(url, counting, { ...always, ...setting });
    const result = counting.result(tally, performance.now() - startedMs);
    return { result, complaints: counting.complaints(tally) };
  };

/** Every fuzzer, by name. Its module is loaded by the workers alone. */
export const FUZZERS: Readonly<Record<string, (setting: FuzzSetting) => Promise<FuzzOutcome>>> = {
  context: fuzzing('./context/fuzzer.ts', INPUT_COUNTING),
  policies: fuzzing('./policies/fuzzer.ts', POLICY_COUNTING, { semiSpaceMb: 16 }),
};
