import { FAILED, measured, NO_DATA, type Reading } from '../reading.ts';
import type { Told } from './trace.ts';

export const readingOf = (told: Told): Reading => {
  if (typeof told === 'number') return measured(told);
  return told === 'failed' ? FAILED : NO_DATA;
};

export const toldOf = (reading: Reading): Told => (reading.ok ? reading.value : reading.reason);
