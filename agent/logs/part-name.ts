/** A compressed part of a log, bytes [from, to) as they were written: `00-3.out.0-2097152.gz`. */
export interface LogPart {
  from: number;
  to: number;
  /** What it takes on the disk. */
  diskBytes: number;
}

export const partName = (log: string, { from, to }: Pick<LogPart, 'from' | 'to'>): string =>
  `${log}.${from}-${to}.gz`;
/** Where the log itself begins to hold bytes; those before it are compressed, or gone. */
export const floorName = (log: string): string => `${log}.floor`;

/** What a file beside the logs is; `undefined` if it is none of ours. */
export const parsePartName = (
  name: string,
): { log: string; part?: Pick<LogPart, 'from' | 'to'> } | undefined => {
  const floor = /^(.+)\.floor$/.exec(name)?.[1];
  if (floor !== undefined) return { log: floor };
  const [, log, first, last] = /^(.+)\.(\d{1,15})-(\d{1,15})\.gz$/.exec(name) ?? [];
  const part = { from: Number(first), to: Number(last) };
  return log === undefined || part.to <= part.from ? undefined : { log, part };
};
