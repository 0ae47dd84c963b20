import { LIMITS } from '../../protocol/limits.ts';

/** Where the files lie that may be looked at. */
export interface PilotPlaces {
  /** What a path without a slash before it is below. */
  home: string;
  /** Folders of the pilot's own, the home among them. */
  own: readonly string[];
}

/** The words that stand for the pilot's own output. */
export const OUTPUTS = ['stdout', 'stderr'] as const;
export const outputOf = (path: string | undefined): (typeof OUTPUTS)[number] | undefined =>
  OUTPUTS.find(name => name === (path ?? 'stdout'));

/** What a person means by a path. */
export const meantPath = (path: string | undefined, { home }: PilotPlaces): string => {
  if (path === undefined) return home;
  return path.startsWith('/') ? path : `${home}/${path}`;
};

/** True for a folder of the pilot's own and what is in it. Both paths have no link in them any more. */
export const isOwn = (resolved: string, own: readonly string[]): boolean =>
  own.some(
    folder => resolved === folder || resolved.startsWith(folder === '/' ? '/' : `${folder}/`),
  );

/** Which bytes of a file of that size are read. */
export const pieceOf = (
  sizeBytes: number,
  fromByte: number | undefined,
): { fromByte: number; isCut: boolean } => {
  const earliest = Math.max(0, sizeBytes - LIMITS.peekChars);
  // A file that became shorter is another one.
  if (fromByte === undefined || fromByte > sizeBytes) return { fromByte: earliest, isCut: false };
  return { fromByte: Math.max(fromByte, earliest), isCut: fromByte < earliest };
};

/** The last lines of a text; the last one needs no line end. */
export const lastLines = (text: string, lines: number): string => {
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let found = 0; found < lines; found += 1) {
    if (at <= 0) return text;
    at = text.lastIndexOf('\n', at - 1);
    if (at < 0) return text;
  }
  return text.slice(at + 1);
};
