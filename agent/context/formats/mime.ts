import { refusal } from '../problem.ts';
import { decodeCharset, decodeTransfer } from './mime-body.ts';
import { parseHead, parseMediaType } from './mime-headers.ts';
import type { Budget, Format, Piece, Reading } from './piece.ts';

/** Parts in all messages of one user-data. */
export const PARTS = 64;

interface Line {
  text: string;
  start: number;
  end: number;
}

/** Lines that begin with two dashes, the only ones that can be a boundary. */
function* dashedLines(latin1: string): Generator<Line> {
  for (let start = 0; start < latin1.length; ) {
    const newline = latin1.indexOf('\n', start);
    const end = newline === -1 ? latin1.length : newline + 1;
    if (latin1.startsWith('--', start))
      yield { text: latin1.slice(start, end).trimEnd(), start, end };
    start = end;
  }
}

interface Span {
  from: number;
  to: number;
}

/** RFC 2046, section 5.1.1. Nothing where the last boundary is missing: the message was cut off. */
const splitAt = (latin1: string, boundary: string): Span[] | undefined => {
  const spans: Span[] = [];
  let from: number | undefined;
  for (const { text, start, end } of dashedLines(latin1)) {
    const isLast = text === `--${boundary}--`;
    if (!isLast && text !== `--${boundary}`) continue;
    // The line break before a boundary belongs to the boundary.
    const to = latin1.startsWith('\r\n', start - 2) ? start - 2 : start - 1;
    if (from !== undefined) spans.push({ from, to: Math.max(from, to) });
    if (isLast) return spans;
    from = end;
  }
  return undefined;
};

const damaged = (piece: Piece, message: string, remedy: string) =>
  refusal({ code: 'mime-damaged', file: piece.name, line: 1 + piece.lineOffset, message, remedy });

const linesIn = (latin1: string): number => latin1.split('\n').length - 1;

/** A part of `piece`, as a piece of its own. */
const sub = (piece: Piece, latin1: string, { from, to }: Span): Piece => ({
  ...piece,
  bytes: piece.bytes.subarray(from, to),
  lineOffset: piece.lineOffset + linesIn(latin1.slice(0, from)),
});

interface Entity {
  type: string;
  parameters: ReadonlyMap<string, string>;
  encoding: string;
  merges: boolean;
  body: Piece;
}

/** cloud-init's, "Merging user-data sections". */
const MERGE_HEADERS = ['merge-type', 'x-merge-type'];

/** A head and what it is the head of. */
const parseEntity = (piece: Piece): Entity => {
  const latin1 = piece.bytes.toString('latin1');
  const head = parseHead(latin1);
  if (head === undefined)
    throw damaged(piece, 'a part without a head', 'headers, an empty line, then the content');
  return {
    ...parseMediaType(head.headers.get('content-type')),
    merges: MERGE_HEADERS.some(name => head.headers.has(name)),
    encoding: (head.headers.get('content-transfer-encoding') ?? '').toLowerCase(),
    body: sub(piece, latin1, { from: head.bodyAt, to: latin1.length }),
  };
};

const isMultipart = ({ type }: Entity): boolean => type.startsWith('multipart/');

const readLeaf = (entity: Entity, number: number, budget: Budget): Reading => {
  const decoded = decodeTransfer(entity.body, entity.encoding, number, budget);
  const text = decodeCharset(decoded, entity.parameters.get('charset') ?? '', budget);
  return { piece: { ...text, mediaType: entity.type, merges: entity.merges } };
};

/** A multi-part message inside another is read in its turn, so that nesting is counted. */
const readPart = (part: Piece, number: number, budget: Budget): Reading => {
  const entity = parseEntity(part);
  return isMultipart(entity)
    ? { piece: { ...part, mediaType: entity.type } }
    : readLeaf(entity, number, budget);
};

const readParts = ({ body, parameters }: Entity, budget: Budget): Reading[] => {
  const boundary = parameters.get('boundary') ?? '';
  if (!/^[ -~]{1,70}$/.test(boundary))
    throw damaged(body, 'a multi-part message without a boundary', 'Content-Type: …; boundary=…');
  const latin1 = body.bytes.toString('latin1');
  const spans = splitAt(latin1, boundary);
  if (spans === undefined)
    throw damaged(
      body,
      'a multi-part message without its last boundary: it was cut off',
      `end it with --${boundary}--`,
    );
  budget.partsLeft -= spans.length;
  if (budget.partsLeft < 0)
    throw refusal({
      code: 'too-many',
      file: body.name,
      line: 1 + body.lineOffset,
      message: 'too many parts',
      remedy: `at most ${PARTS} in all`,
    });
  return spans.map((span, index) =>
    readPart({ ...sub(body, latin1, span), isPart: true }, index + 1, budget),
  );
};

/** MIME (RFC 2045, RFC 2046), as cloud-init's make-mime and the clouds' tools write it. */
export const mime: Format = {
  name: 'mime',
  recognises: (latin1, { mediaType }) =>
    mediaType?.startsWith('multipart/') === true ||
    /^(?:From [^\n]*\n)?(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,20}?(?:content-type|mime-version)[ \t]*:/i.test(
      latin1.slice(0, 4096),
    ),
  read: (piece, budget) => {
    const entity = parseEntity(piece);
    return isMultipart(entity) ? readParts(entity, budget) : [readLeaf(entity, 1, budget)];
  },
};
