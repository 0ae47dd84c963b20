import type { LogName } from './log-name.ts';
import type { LogPart } from './part-name.ts';

/**
 * A log as it lies on the disk. Its writer appends to one file for as long as it runs, so that a byte's
 * place in it never changes; what is old is punched out at the beginning, and compressed before.
 */
export interface LogFile extends LogName {
  /** The file's name. */
  name: string;
  /** Bytes ever written. */
  sizeBytes: number;
  /** Where the bytes begin that the file itself still holds. */
  floor: number;
  /** What the file takes on the disk. */
  diskBytes: number;
  /** When it was last written to, ms since 1970. */
  modifiedMs: number;
  /** Disjoint, in order, all below the floor. */
  parts: readonly LogPart[];
}

/** All that it takes on the disk. */
export const diskBytesOf = ({ diskBytes, parts }: LogFile): number =>
  parts.reduce((sum, part) => sum + part.diskBytes, diskBytes);
