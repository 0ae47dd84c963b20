import type { Clock } from '../platform/clock.ts';
import type { Moment } from './moment.ts';

/** This moment of a boot, by both clocks. */
export const createNow =
  (clock: Pick<Clock, 'monotonicMs' | 'wallMs'>, bootId: string) => (): Moment => ({
    bootId,
    monotonicMs: clock.monotonicMs(),
    wallMs: clock.wallMs(),
  });
