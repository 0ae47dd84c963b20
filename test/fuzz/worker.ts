import type { Fuzzer } from './fuzzer.ts';

/** What a worker sends: part of a batch, in the fuzzer's own words. */
export interface WorkerMessage {
  batch: number;
  part: unknown;
}

/** Batch after batch, a step apart since others do those between, until the parent ends this process. */
const main = async (): Promise<void> => {
  const [module = '', seed = '0', first = '0', step = '1'] = process.argv.slice(2);
  const { fuzzer } = (await import(module)) as { fuzzer: Fuzzer<unknown> };
  process.once('disconnect', () => process.exit());
  const next = (batch: number): void => {
    fuzzer.work(Number(seed), batch, part => {
      process.send?.({ batch, part } satisfies WorkerMessage);
    });
    setImmediate(next, batch + Number(step));
  };
  next(Number(first));
};

await main();
