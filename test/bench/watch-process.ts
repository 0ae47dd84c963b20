import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from '../support/child-program.ts';
import { median } from './median.ts';
import { readProcessCost } from './process-cost.ts';

export interface Window {
  /** From the program's start to the window's, ms: what it takes to settle. */
  afterMs: number;
  lengthMs: number;
  signal: AbortSignal;
}

export interface Watched {
  /** Median over the window, MiB: memory rises until the garbage is collected. */
  privateMb: number;
  /** The most that was seen, MiB. */
  mostPrivateMb: number;
  cpuMsPerMinute: number;
}

const SAMPLE_MS = 5000;

const wallMs = (): number => performance.timeOrigin + performance.now();

/** What a running program costs in a window of its life. */
export const watchProcess = async (
  { pid, spawnedMs }: Pick<Program, 'pid' | 'spawnedMs'>,
  { afterMs, lengthMs, signal }: Window,
): Promise<Watched> => {
  await delay(Math.max(0, spawnedMs + afterMs - wallMs()), undefined, { signal });
  const beganMs = wallMs();
  const before = readProcessCost(pid);
  const privateMb = [before.privateMb];
  for (;;) {
    const leftMs = beganMs + lengthMs - wallMs();
    await delay(Math.max(0, Math.min(SAMPLE_MS, leftMs)), undefined, { signal });
    const now = readProcessCost(pid);
    privateMb.push(now.privateMb);
    const elapsedMs = wallMs() - beganMs;
    if (elapsedMs < lengthMs) continue;
    return {
      privateMb: median(privateMb),
      mostPrivateMb: Math.max(...privateMb),
      cpuMsPerMinute: ((now.cpuMs - before.cpuMs) / elapsedMs) * 60_000,
    };
  }
};
