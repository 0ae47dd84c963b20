import { FAILED, measured, type Reading } from '../../reading.ts';

/**
 * Documentation/accounting/psi.rst: percent of the last minute in which at least one task waited. The
 * line is the first one; that of the processors may be alone.
 */
export const parsePressure = (text: string): Reading => {
  const avg60 = /^some avg10=\d+\.\d+ avg60=(\d+\.\d+) avg300=\d+\.\d+ total=\d+\n/.exec(text)?.[1];
  return avg60 === undefined ? FAILED : measured(Number(avg60));
};
