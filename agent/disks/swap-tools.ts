import { dirname } from 'node:path';
import type { Exec } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';

/** What is done about swap. */
export interface SwapTools {
  /**
   * Gives a file that exists and is empty its size. `allocate` is quick; the kernel may refuse to swap to
   * what it gives on some filesystems, where `fill` writes every block.
   */
  growFile(path: string, sizeMb: number, how: 'allocate' | 'fill'): Promise<void>;
  makeSwap(path: string, label: string, uuid: string): Promise<void>;
  /** Of devices and files, as the kernel names them. */
  activeSwaps(): Promise<string[]>;
  swapOn(path: string): Promise<void>;
  /** May take its time: all that is in it has to go into memory. */
  swapOff(path: string): Promise<void>;
}

const QUICK_MS = 60_000;
const SLOW_MS = 1_800_000;
const SWAPS = '/proc/swaps';
const MAX_BYTES = 256 * 1024;

export const createSwapTools = (
  files: Files,
  exec: Exec,
  settle: () => Promise<void>,
): SwapTools => ({
  growFile: async (path, sizeMb, how) => {
    const { stdout } = await exec.run('stat', ['--file-system', '--format=%T', dirname(path)], {
      timeoutMs: QUICK_MS,
    });
    // Copied on write, a file cannot be swapped to: btrfs(5).
    if (stdout.trim() === 'btrfs') await exec.run('chattr', ['+C', path], { timeoutMs: QUICK_MS });
    if (how === 'allocate')
      await exec.run('fallocate', ['--length', `${sizeMb}MiB`, path], { timeoutMs: SLOW_MS });
    else
      await exec.run(
        'dd',
        ['if=/dev/zero', `of=${path}`, 'bs=1M', `count=${sizeMb}`, 'conv=fsync', 'status=none'],
        { timeoutMs: SLOW_MS },
      );
  },
  makeSwap: async (path, label, uuid) => {
    await exec.run('mkswap', ['--label', label, '--uuid', uuid, path], { timeoutMs: QUICK_MS });
    await settle();
  },
  activeSwaps: async () =>
    ((await files.read(SWAPS, MAX_BYTES)) ?? '')
      .split('\n')
      .slice(1)
      .map(line => line.split(/\s/)[0] ?? '')
      .filter(path => path !== ''),
  swapOn: async path => {
    await exec.run('swapon', [path], { timeoutMs: QUICK_MS });
  },
  swapOff: async path => {
    await exec.run('swapoff', [path], { timeoutMs: SLOW_MS });
  },
});
