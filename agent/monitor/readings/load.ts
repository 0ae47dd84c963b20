import type { Files } from '../../../platform/files.ts';
import { FAILED, measured, type Reading } from '../../reading.ts';

/** proc(5): the first field of loadavg is the one-minute load average. */
export const parseLoad = (text: string): Reading => {
  const match = /^(\d+\.\d+) \d+\.\d+ \d+\.\d+ /.exec(text);
  return match === null ? FAILED : measured(Number(match[1]));
};

export const readLoad = (files: Files): Reading =>
  parseLoad(files.readKernel('/proc/loadavg', 256) ?? '');
