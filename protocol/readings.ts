import * as v from 'valibot';
import { LIMITS } from './limits.ts';
import { Amount, DurationMs, Name } from './words.ts';

/**
 * Readings of a VM by their names, as short as they can be told: each a number, or why there is none, which
 * never stands for zero. A receiver keeps also those whose names it does not know.
 */
export const ToldReading = v.union([Amount, v.picklist(['no-data', 'failed'])]);
export type ToldReading = v.InferOutput<typeof ToldReading>;

export const ToldReadings = v.pipe(v.record(Name, ToldReading), v.maxEntries(LIMITS.readings));
export type ToldReadings = v.InferOutput<typeof ToldReadings>;

/** How old those are that were not taken at the last tick, ms. */
export const ReadingAges = v.pipe(v.record(Name, DurationMs), v.maxEntries(LIMITS.readings));
export type ReadingAges = v.InferOutput<typeof ReadingAges>;
