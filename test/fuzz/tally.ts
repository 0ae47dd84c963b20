import { PEAK_MB } from './fuzzer.ts';

/** What one batch, or part of it, came to. */
export interface BatchReport {
  batch: number;
  inputs: number;
  accepted: number;
  codes: readonly string[];
  /** What was thrown, with the input that led to it. */
  crashes: readonly string[];
  /** Inputs that took longer than HANG_MS. */
  hangs: readonly string[];
  peakMb: number;
}

/** What all batches came to. */
export interface Tally {
  inputs: number;
  accepted: number;
  codes: ReadonlySet<string>;
  crashes: number;
  hangs: number;
  peakMb: number;
}

export const EMPTY_TALLY: Tally = {
  inputs: 0,
  accepted: 0,
  codes: new Set(),
  crashes: 0,
  hangs: 0,
  peakMb: 0,
};

export const addBatch = (tally: Tally, report: BatchReport): Tally => ({
  inputs: tally.inputs + report.inputs,
  accepted: tally.accepted + report.accepted,
  codes: new Set([...tally.codes, ...report.codes]),
  crashes: tally.crashes + report.crashes.length,
  hangs: tally.hangs + report.hangs.length,
  peakMb: Math.max(tally.peakMb, report.peakMb),
});

/** Why a run has failed, one line each; nothing where it passed. */
export const complaintsAbout = (tally: Tally, codes: readonly string[]): string[] => {
  const unreached = codes.filter(code => !tally.codes.has(code));
  const unknown = [...tally.codes].filter(code => !codes.includes(code));
  return [
    ...(tally.crashes > 0 ? [`${tally.crashes} crashes`] : []),
    ...(tally.hangs > 0 ? [`${tally.hangs} hangs`] : []),
    ...(tally.peakMb > PEAK_MB ? [`${tally.peakMb} MB, more than ${PEAK_MB}`] : []),
    ...(unreached.length > 0 ? [`codes that nothing led to: ${unreached.join(', ')}`] : []),
    ...(unknown.length > 0 ? [`codes that are in no table: ${unknown.join(', ')}`] : []),
    ...(tally.accepted * 10 < tally.inputs ? ['less than a tenth was accepted'] : []),
  ];
};
