import { type Check, type CheckOutcome, failed, ok } from './check.ts';

/** meminfo of proc(5), in kB. */
export const judgeMemory = (meminfo: string, neededMb: number): CheckOutcome => {
  const kb = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  if (kb === undefined) return failed('/proc/meminfo does not say how much memory is available');
  const availableMb = Math.floor(Number(kb) / 1024);
  const told = `${availableMb} MB available, ${neededMb} MB needed`;
  return availableMb >= neededMb ? ok(told) : failed(told);
};

export const memory: Check = {
  name: 'memory',
  run: async ({ context: { checks } }, { host }) =>
    judgeMemory((await host.read('/proc/meminfo', 64 * 1024)) ?? '', checks.memoryMb),
};
