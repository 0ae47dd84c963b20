import { type Fuzzer, HANG_MS } from './fuzzer.ts';
import type { BatchReport } from './tally.ts';

/** Between two reports, ms: silence for much longer tells the parent that an input hangs. */
const REPORT_MS = 200;
const SHOWN_BYTES = 2048;

const describe = (error: unknown, input: Buffer): string => {
  const what = error instanceof Error ? (error.stack ?? error.message) : error;
  return `${what}\ninput, ${input.length} bytes: ${input.subarray(0, SHOWN_BYTES).toString('base64')}`;
};

/** Judges one batch, and reports as often as time passes. */
const work = (
  fuzzer: Fuzzer,
  inputs: readonly Buffer[],
  report: (part: BatchReport) => void,
  batch: number,
): void => {
  let part = { inputs: 0, accepted: 0 };
  let codes = new Set<string>();
  let crashes: string[] = [];
  let hangs: string[] = [];
  const flush = (): void => {
    const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
    report({ batch, ...part, codes: [...codes], crashes, hangs, peakMb });
    part = { inputs: 0, accepted: 0 };
    hangs = [];
    codes = new Set();
    crashes = [];
  };
  let reportedMs = performance.now();
  for (const input of inputs) {
    const before = process.cpuUsage();
    try {
      const verdict = fuzzer.judge(input);
      if (verdict.accepted) part.accepted += 1;
      for (const code of verdict.codes) codes.add(code);
    } catch (error) {
      crashes.push(describe(error, input));
    }
    part.inputs += 1;
    // Of the processor's time, not of the clock's: others may want the machine too.
    const { user, system } = process.cpuUsage(before);
    const tookMs = Math.round((user + system) / 1000);
    if (tookMs > HANG_MS) hangs.push(describe(`${tookMs} ms`, input));
    const endedMs = performance.now();
    if (endedMs - reportedMs > REPORT_MS) {
      flush();
      reportedMs = endedMs;
    }
  }
  flush();
};

/** Batch after batch, a step apart since others do those between, until the parent ends this process. */
const main = async (): Promise<void> => {
  const [module = '', seed = '0', first = '0', step = '1'] = process.argv.slice(2);
  const { fuzzer } = (await import(module)) as { fuzzer: Fuzzer };
  process.send?.({ codes: fuzzer.codes });
  process.once('disconnect', () => process.exit());
  const next = (batch: number): void => {
    work(fuzzer, fuzzer.inputs(Number(seed), batch), part => process.send?.(part), batch);
    setImmediate(next, batch + Number(step));
  };
  next(Number(first));
};

await main();
