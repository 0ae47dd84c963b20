import type { ContextText } from '../source-file.ts';

/** User-data, or what was unpacked from it: to be read by one of the formats. */
export interface Piece {
  /** For messages: the name of the file, and which part of it. */
  name: string;
  bytes: Buffer;
  /** Lines of the named file that come before these bytes. */
  lineOffset: number;
  /** The media type under which a MIME message carries it, in lower case. */
  mediaType?: string;
  /** One of several parts: what is for cloud-init alone may stand beside a context. */
  isPart: boolean;
  /** A MIME part whose header tells cloud-init to merge it with what came before. */
  merges?: boolean;
}

/** What comes out of a piece: contexts, and pieces that have to be read in turn, in their order. */
export type Reading = { context: ContextText } | { piece: Piece };

/** What unpacking may cost, and has met so far; kept over all pieces of one user-data. */
export interface Budget {
  /** Bytes that may still come out of decompression and decoding. */
  bytesLeft: number;
  partsLeft: number;
  /** A cloud-config before this one has written a context. */
  hasWritten: boolean;
}

/** One way in which user-data is written. */
export interface Format {
  name: string;
  /** @param latin1 the bytes, one character each, without a byte order mark */
  recognises(latin1: string, piece: Piece): boolean;
  /** @throws context-invalid with the place and the remedy */
  read(piece: Piece, budget: Budget): Reading[];
}
