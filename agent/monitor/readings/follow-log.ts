import type { Files } from '../../../platform/files.ts';
import type { Answer } from '../../pilot/answer.ts';
import type { Question } from '../../pilot/kinds/kind.ts';
import { NO_DATA } from '../../reading.ts';

const PIECE_BYTES = 64 * 1024;
/** At one look; after its end a run is read to the end at once. */
const LOOK_BYTES = 1024 * 1024;
/** What lies further back than that is never read: a pilot that prints faster is followed all the same. */
const BEHIND_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

interface Place {
  atByte: number;
  answer?: Answer;
  /** In the middle of a line that is too long to be looked at. */
  isSkipping: boolean;
}

/** Follows the logs of runs, each line once, in bounded pieces. */
export interface FollowLog {
  /** What the log tells by now; nothing of payloads while there is more to read. */
  read(id: string, follow: NonNullable<Question['follow']>, isOver: boolean): Promise<Answer>;
  forget(present: ReadonlySet<string>): void;
}

/** What is known, but not how many payloads there are now. */
const unsure = (answer: Answer | undefined): Answer => ({ ...answer, payloads: NO_DATA });

export const createFollowLog = (files: Files): FollowLog => {
  const known = new Map<string, Place>();

  /** One piece further; undefined at the end, or where only the beginning of a line is left. */
  const step = async (
    place: Place,
    { log, next }: NonNullable<Question['follow']>,
    isOver: boolean,
  ): Promise<Place | undefined> => {
    const piece = await files.readPiece(log, place.atByte, PIECE_BYTES);
    if (piece === undefined || piece.length === 0) return undefined;
    const last = piece.lastIndexOf(NEWLINE);
    if (last < 0) {
      const isLong = piece.length === PIECE_BYTES;
      // The last line of a run that is over needs no newline.
      const answer =
        isOver && !isLong && !place.isSkipping
          ? next(place.answer, [piece.toString('utf8')])
          : place.answer;
      if (!isLong && !isOver) return undefined;
      return {
        atByte: place.atByte + piece.length,
        isSkipping: isLong || place.isSkipping,
        ...(answer === undefined ? {} : { answer }),
      };
    }
    const from = place.isSkipping ? piece.indexOf(NEWLINE) + 1 : 0;
    const text = piece.toString('utf8', from, last);
    const lines = from > last ? [] : text.split('\n').map(line => line.replace(/\r$/, ''));
    return {
      atByte: place.atByte + last + 1,
      answer: next(place.answer, lines),
      isSkipping: false,
    };
  };

  return {
    read: async (id, follow, isOver) => {
      const sizeBytes = (await files.facts(follow.log))?.sizeBytes ?? 0;
      let place = known.get(id) ?? { atByte: 0, isSkipping: false };
      // It was emptied to bound it: what was told before still holds.
      if (sizeBytes < place.atByte) place = { ...place, atByte: 0, isSkipping: false };
      if (sizeBytes - place.atByte > BEHIND_BYTES)
        place = { ...place, atByte: sizeBytes - LOOK_BYTES, isSkipping: true };
      const mostByte = isOver ? sizeBytes : Math.min(sizeBytes, place.atByte + LOOK_BYTES);
      while (place.atByte < mostByte) {
        const further = await step(place, follow, isOver);
        if (further === undefined) break;
        place = further;
      }
      known.set(id, place);
      const isBehind = mostByte < sizeBytes;
      return place.answer === undefined || isBehind ? unsure(place.answer) : place.answer;
    },
    forget: present => {
      for (const id of [...known.keys()]) if (!present.has(id)) known.delete(id);
    },
  };
};
