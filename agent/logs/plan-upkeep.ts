import { diskBytesOf, type LogFile } from './log-file.ts';
import { newestRuns } from './log-name.ts';

/** What is done to keep logs within their bounds. In order; each changes nothing when it is repeated. */
export type UpkeepStep =
  /** Bytes [floor, to) of a log are put aside compressed. */
  | { do: 'compress'; name: string; from: number; to: number }
  /** The log's beginning is given up: what lies before is gone, or compressed. */
  | { do: 'raise'; name: string; floor: number }
  | { do: 'remove-part'; name: string; from: number; to: number }
  /** The log of a run that has ended, with all its parts. */
  | { do: 'remove'; name: string };

export interface UpkeepLimits {
  /** Bytes on the disk of one run's logs, and of all. */
  perPilot: number;
  total: number;
  /** How long the logs of an ended run are kept, ms. */
  keepMs: number;
  /** Bytes that may be compressed in this round; logs that grow faster lose their oldest. */
  compressBytes: number;
}

export interface UpkeepInput {
  files: readonly LogFile[];
  limits: UpkeepLimits;
  nowMs: number;
}

/** Runs whose logs are kept, whatever their size. */
const MOST_RUNS = 1000;
const SMALLEST_PART = 64 * 1024;
const LARGEST_PART = 2 * 1024 * 1024;
/** A run that was followed by another may still be writing its last. */
const SETTLING_MS = 120_000;
/** Of what a log holds that it should not: less is not worth a program. */
const SLACK_BYTES = 256 * 1024;

/**
 * Length of a compressed part, before it is compressed; a log itself holds up to two of them, and all
 * of those together half of the whole at the most.
 */
export const partBytes = (
  { perPilot, total }: Pick<UpkeepLimits, 'perPilot' | 'total'>,
  logs: number,
): number => {
  const most = Math.min(LARGEST_PART, perPilot / 16, total / 4 / Math.max(1, logs));
  return Math.max(SMALLEST_PART, Math.floor(most));
};

const runOf = ({ slot, generation }: Pick<LogFile, 'slot' | 'generation'>): string =>
  `${slot}-${generation}`;

/** Runs that were followed by another one, and are silent by now. */
const findEnded = (files: readonly LogFile[], nowMs: number): ReadonlySet<string> => {
  const newest = newestRuns(files);
  const silent = files.filter(({ modifiedMs }) => nowMs - modifiedMs >= SETTLING_MS);
  const loud = new Set(files.filter(file => !silent.includes(file)).map(runOf));
  return new Set(
    silent
      .filter(file => file.generation < (newest.get(file.slot) ?? 0))
      .map(runOf)
      .filter(run => !loud.has(run)),
  );
};

/** Cuts [from, to) into parts, counted back from its end; the first may be half as long again. */
const cut = (from: number, to: number, part: number): { from: number; to: number }[] => {
  const parts: { from: number; to: number }[] = [];
  for (let end = to; end > from; ) {
    const start = end - from <= 1.5 * part ? from : end - part;
    parts.unshift({ from: start, to: end });
    end = start;
  }
  return parts;
};

const raiseTo = (name: string, floor: number): UpkeepStep => ({ do: 'raise', name, floor });
const compressSteps = (
  name: string,
  parts: readonly { from: number; to: number }[],
): UpkeepStep[] =>
  parts.flatMap(({ from, to }) => [{ do: 'compress', name, from, to }, raiseTo(name, to)]);

/** The log of an ended run is compressed bit by bit, from its beginning on. */
const putAside = ({ name, floor, sizeBytes }: LogFile, part: number, mayBytes: number) => {
  const end = Math.min(sizeBytes, floor + Math.floor(mayBytes));
  return end < sizeBytes && end - floor < part ? [] : compressSteps(name, cut(floor, end, part));
};

/** A log that goes on keeps its end; what is before is compressed, or given up where it is too much. */
const shorten = ({ name, floor, sizeBytes }: LogFile, part: number, mayBytes: number) => {
  const end = sizeBytes - part;
  const start = Math.max(floor, end - (mayBytes < part ? 0 : Math.floor(mayBytes)));
  const raised = start > floor ? [raiseTo(name, start)] : [];
  return [...raised, ...compressSteps(name, cut(start, end, part))];
};

const rotate = (
  { files, limits }: UpkeepInput,
  ended: ReadonlySet<string>,
  part: number,
): UpkeepStep[] => {
  const isEnded = (file: LogFile): boolean => ended.has(runOf(file));
  const held = ({ sizeBytes, floor }: LogFile): number => sizeBytes - floor;
  const isLong = (file: LogFile): boolean =>
    held(file) > (isEnded(file) ? SMALLEST_PART : 2 * part);
  let waiting = files.filter(isLong).length;
  let left = limits.compressBytes;
  return files.flatMap(file => {
    // A punch that was interrupted, or a hole that the writer itself made.
    const hasSurplus = file.floor > 0 && file.diskBytes - held(file) > SLACK_BYTES;
    const again = hasSurplus ? [raiseTo(file.name, file.floor)] : [];
    if (!isLong(file)) return again;
    const mayBytes = left / waiting;
    const steps = isEnded(file) ? putAside(file, part, mayBytes) : shorten(file, part, mayBytes);
    waiting -= 1;
    for (const step of steps) if (step.do === 'compress') left -= step.to - step.from;
    return [...again, ...steps];
  });
};

/** What a log takes once this round is over: one that goes on is cut to what it may hold. */
type Measure = (file: LogFile) => number;
const measureWith =
  (part: number, ended: ReadonlySet<string>): Measure =>
  file => {
    const all = diskBytesOf(file);
    if (ended.has(runOf(file))) return all;
    return Math.min(file.diskBytes, 2 * part) + all - file.diskBytes;
  };

/** The oldest part of the log that takes most. */
const oldestPart = (files: readonly LogFile[], measure: Measure) => {
  const longest = files
    .filter(({ parts }) => parts.length > 0)
    .sort((a, b) => measure(b) - measure(a))[0];
  return longest?.parts[0] && { file: longest, part: longest.parts[0] };
};

const without = (file: LogFile, from: number): LogFile => ({
  ...file,
  parts: file.parts.filter(part => part.from !== from),
});

const sumOf = (files: readonly LogFile[], measure: Measure): number =>
  files.reduce((sum, file) => sum + measure(file), 0);

/** Takes away the oldest parts until these logs have room in so many bytes. */
const trim = (
  files: readonly LogFile[],
  bytes: number,
  measure: Measure,
): { files: LogFile[]; steps: UpkeepStep[] } => {
  let kept = [...files];
  const steps: UpkeepStep[] = [];
  let sum = sumOf(kept, measure);
  for (let found = oldestPart(kept, measure); sum > bytes && found !== undefined; ) {
    const { file, part } = found;
    steps.push({ do: 'remove-part', name: file.name, from: part.from, to: part.to });
    sum -= part.diskBytes;
    kept = kept.map(each => (each === file ? without(file, part.from) : each));
    found = oldestPart(kept, measure);
  }
  return { files: kept, steps };
};

/** Whole runs that have ended: too old, too many, or too much of them, the oldest first. */
const retire = (
  runs: readonly (readonly LogFile[])[],
  { files, limits, nowMs }: UpkeepInput,
  measure: Measure,
): Set<string> => {
  const lastOf = (run: readonly LogFile[]): number =>
    Math.max(...run.map(({ modifiedMs }) => modifiedMs));
  const oldest = [...runs].sort((a, b) => lastOf(a) - lastOf(b));
  const gone = new Set<string>();
  let sum = sumOf(files, measure);
  let count = runs.length;
  for (const run of oldest) {
    if (nowMs - lastOf(run) < limits.keepMs && sum <= limits.total && count <= MOST_RUNS) break;
    for (const { name } of run) gone.add(name);
    sum -= sumOf(run, measure);
    count -= 1;
  }
  return gone;
};

/**
 * What keeps the logs of all runs within their bounds. Of a run that goes on, the end always stays:
 * at least one part's length of each of its logs. Pure.
 */
export const planUpkeep = (input: UpkeepInput): UpkeepStep[] => {
  const { files, limits, nowMs } = input;
  const ended = findEnded(files, nowMs);
  const byRun = Map.groupBy(files, runOf);
  const endedRuns = [...byRun].filter(([run]) => ended.has(run)).map(([, logs]) => logs);
  const part = partBytes(limits, files.filter(file => !ended.has(runOf(file))).length);
  const measure = measureWith(part, ended);
  const gone = retire(endedRuns, input, measure);
  const staying = [...byRun.values()].filter(([first]) => !gone.has(first?.name ?? ''));
  const fitted = staying.map(logs => trim(logs, limits.perPilot, measure));
  const all = trim(
    fitted.flatMap(({ files: kept }) => kept),
    limits.total,
    measure,
  );
  return [
    ...[...gone].map((name): UpkeepStep => ({ do: 'remove', name })),
    ...fitted.flatMap(({ steps }) => steps),
    ...all.steps,
    ...rotate({ ...input, files: all.files }, ended, part),
  ];
};
