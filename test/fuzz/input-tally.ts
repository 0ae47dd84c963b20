import type { Counting } from './fuzzer.ts';

/** No worker may need more, MB of resident memory. */
export const PEAK_MB = 200;

/** What a batch of inputs, or part of it, came to. */
export interface InputReport {
  inputs: number;
  accepted: number;
  codes: readonly string[];
  /** The closed set of codes, as the fuzzer names it. */
  known: readonly string[];
  /** What was thrown, with the input that led to it. */
  crashes: readonly string[];
  /** Inputs that took longer than HANG_MS. */
  hangs: readonly string[];
  peakMb: number;
}

/** What all batches came to. */
export interface InputTally {
  inputs: number;
  accepted: number;
  codes: ReadonlySet<string>;
  known: readonly string[];
  crashes: number;
  hangs: number;
  peakMb: number;
}

const complaintsAbout = (tally: InputTally): string[] => {
  const { codes, known } = tally;
  const unreached = known.filter(code => !codes.has(code));
  const unknown = [...codes].filter(code => !known.includes(code));
  return [
    ...(tally.crashes > 0 ? [`${tally.crashes} crashes`] : []),
    ...(tally.hangs > 0 ? [`${tally.hangs} hangs`] : []),
    ...(tally.peakMb > PEAK_MB ? [`${tally.peakMb} MB, more than ${PEAK_MB}`] : []),
    ...(unreached.length > 0 ? [`codes that nothing led to: ${unreached.join(', ')}`] : []),
    ...(unknown.length > 0 ? [`codes that are in no table: ${unknown.join(', ')}`] : []),
    ...(tally.accepted * 10 < tally.inputs ? ['less than a tenth was accepted'] : []),
  ];
};

/** Inputs that are accepted or refused. */
export const INPUT_COUNTING: Counting<InputReport, InputTally> = {
  empty: {
    inputs: 0,
    accepted: 0,
    codes: new Set(),
    known: [],
    crashes: 0,
    hangs: 0,
    peakMb: 0,
  },
  add: (tally, report) => ({
    inputs: tally.inputs + report.inputs,
    accepted: tally.accepted + report.accepted,
    codes: new Set([...tally.codes, ...report.codes]),
    known: report.known,
    crashes: tally.crashes + report.crashes.length,
    hangs: tally.hangs + report.hangs.length,
    peakMb: Math.max(tally.peakMb, report.peakMb),
  }),
  lose: (tally, how) =>
    how === 'hang'
      ? { ...tally, hangs: tally.hangs + 1 }
      : { ...tally, crashes: tally.crashes + 1 },
  findings: ({ crashes, hangs }) => [
    ...crashes.map(crash => `crash: ${crash}`),
    ...hangs.map(hang => `hang: ${hang}`),
  ],
  result: ({ inputs, accepted, codes, known, crashes, hangs, peakMb }, tookMs) => ({
    inputs,
    accepted,
    errorCodesReached: codes.size,
    errorCodes: known.length,
    crashes,
    hangs,
    peakMb,
    perSecond: Math.round(inputs / (tookMs / 1000)),
  }),
  complaints: complaintsAbout,
};
