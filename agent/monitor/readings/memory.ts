import { FAILED, measured, type Reading } from '../../reading.ts';

const kbOf = (text: string, key: string): number =>
  Number(new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(text)?.[1]);

/** proc(5): what meminfo says can be had without swapping, of all there is. */
export const parseMemoryFree = (text: string): Reading => {
  const share = kbOf(text, 'MemAvailable') / kbOf(text, 'MemTotal');
  return share >= 0 && share <= 1 ? measured(share) : FAILED;
};
