/** Bytes [fromByte, toByte) of a log. */
export interface Range {
  fromByte: number;
  toByte: number;
}

export interface LogLimits {
  /** Bytes kept, counted back from the furthest. */
  keptBytes: number;
  /** Chunks kept, so that a log full of holes costs no more than a whole one. */
  keptChunks: number;
  /** A chunk is not extended beyond this. */
  chunkBytes: number;
}

export interface LogPlan {
  /** Parts of the piece to store; `onto` names the chunk that such a part continues, by its first byte. */
  add: (Range & { onto?: number })[];
  /** Chunks to forget, by their first byte. */
  drop: number[];
}

/** The parts of a piece that no chunk holds. */
const missing = (kept: readonly Range[], piece: Range): Range[] => {
  const parts: Range[] = [];
  let at = piece.fromByte;
  for (const { fromByte, toByte } of kept) {
    if (toByte <= at) continue;
    if (fromByte >= piece.toByte) break;
    if (fromByte > at) parts.push({ fromByte: at, toByte: fromByte });
    at = toByte;
  }
  if (at < piece.toByte) parts.push({ fromByte: at, toByte: piece.toByte });
  return parts;
};

/**
 * How a piece of a log joins what is kept. What came first stays, so a repeat changes nothing and
 * an overlap is cut off; pieces may come in any order.
 * @param kept disjoint chunks, in order
 */
export const planLogPiece = (
  kept: readonly Range[],
  piece: Range,
  { keptBytes, keptChunks, chunkBytes }: LogLimits,
): LogPlan => {
  const end = Math.max(piece.toByte, kept.at(-1)?.toByte ?? 0);
  const floor = Math.max(0, end - keptBytes);
  const living = kept.filter(({ toByte }) => toByte > floor);
  const add = missing(living, { fromByte: Math.max(piece.fromByte, floor), toByte: piece.toByte });
  const joined = add.map(part => {
    const before = living.find(({ toByte }) => toByte === part.fromByte);
    const fits = before !== undefined && part.toByte - before.fromByte <= chunkBytes;
    return fits ? { ...part, onto: before.fromByte } : part;
  });
  const fresh = joined.filter(part => !('onto' in part));
  const surplus = Math.max(0, living.length + fresh.length - keptChunks);
  const oldest = [...living, ...fresh]
    .map(({ fromByte }) => fromByte)
    .sort((a, b) => a - b)
    .slice(0, surplus);
  return {
    add: joined.filter(part => !oldest.includes('onto' in part ? part.onto : part.fromByte)),
    drop: kept
      .map(({ fromByte, toByte }) => ({ fromByte, gone: toByte <= floor }))
      .filter(({ fromByte, gone }) => gone || oldest.includes(fromByte))
      .map(({ fromByte }) => fromByte),
  };
};
