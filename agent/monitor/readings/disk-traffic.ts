import { FAILED, measured, type Reading } from '../../reading.ts';
import type { Counters } from './counters.ts';

/** Of the kernel's block layer, whatever the sectors of the disk are. */
const SECTOR_BYTES = 512;
/** In memory, or of what a disk below counts once more. */
const LAYERED = /^(?:loop|ram|zram|dm-|md|sr|fd|nbd|drbd|bcache)\d/;
/** `sda1` is part of `sda`, `nvme0n1p2` of `nvme0n1`. */
const wholeOf = (name: string): string | undefined =>
  /^(.*\d)p\d+$|^(.*\D)\d+$/.exec(name)?.slice(1).find(Boolean);

/**
 * Documentation/admin-guide/iostats.rst: a line of diskstats tells sectors read by its third number behind
 * the name, and sectors written by its seventh. A partition without its disk, as on Xen, counts for itself.
 */
export const parseDiskBytes = (text: string): Reading<Counters> => {
  if (text !== '' && !text.endsWith('\n')) return FAILED;
  const bytes = new Map<string, number>();
  for (const line of text.split('\n').slice(0, -1)) {
    const [, name = '', read, written] =
      /^ *\d+ +\d+ (\S+) \d+ \d+ (\d+) \d+ \d+ \d+ (\d+)(?: \d+)+$/.exec(line) ?? [];
    if (name === '') return FAILED;
    if (!LAYERED.test(name)) bytes.set(name, (Number(read) + Number(written)) * SECTOR_BYTES);
  }
  for (const name of [...bytes.keys()]) if (bytes.has(wholeOf(name) ?? '')) bytes.delete(name);
  return measured(bytes);
};
