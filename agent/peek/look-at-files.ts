import { isPilotageError } from '../../platform/errors.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeekQuestion } from '../../protocol/peek.ts';
import { pilotFiles } from '../pilot/unit/pilot-files.ts';
import { openEyes, type RunAsPilot } from './as-pilot.ts';
import { type LookPorts, type PilotInView, refused, type Sight } from './pilot-in-view.ts';
import { isOwn, lastLines, meantPath, outputOf, pieceOf } from './pilot-places.ts';
import { plain } from './process-facts.ts';
import { FIND_FORMAT, showFiles } from './show-files.ts';

const TIMEOUT_MS = 10_000;
const PATH_BYTES = 16 * 1024;
const LIST_BYTES = 512 * 1024;
const LINES = 40;
const SHARED_TMP = ['/tmp', '/var/tmp'];

const small = { timeoutMs: TIMEOUT_MS, maxOutputBytes: PATH_BYTES };

/** What a program of the system complained of, for people, without its own name. */
const saidBy = (error: unknown): string => {
  const stderr = isPilotageError(error) ? error.context.stderr : undefined;
  const line = typeof stderr === 'string' ? (stderr.trim().split('\n').at(-1) ?? '') : '';
  return plain(line.replace(/^.*: /, '')).slice(0, 200);
};

/** Where a path leads once every link is followed; `undefined` if it leads nowhere. */
const resolve = async (run: RunAsPilot, path: string): Promise<string | undefined> => {
  try {
    return (await run('realpath', ['-e', '-z', '--', path], small)).stdout.replace(/\0$/, '');
  } catch (error) {
    if (isPilotageError(error) && error.code === 'command-failed') return undefined;
    throw error;
  }
};

/** Does something with a path of the pilot's own, with the pilot's eyes. */
const withOwnPath = async <T>(
  { exec, units, files }: LookPorts,
  { unit, owner, home, folder }: PilotInView,
  path: string | undefined,
  use: (resolved: string, run: RunAsPilot) => Promise<T>,
): Promise<T> => {
  const at = (each: string): string => files.locate(each);
  const eyes = await openEyes(exec, await units.members(unit), owner);
  try {
    const places = [home, folder, ...(eyes.hasOwnView ? SHARED_TMP : [])].map(at);
    const meant = meantPath(path, { home: at(home), own: places });
    const resolved = await resolve(eyes.run, meant);
    if (resolved === undefined)
      throw refused(`${plain(meant)} is not there, or the pilot may not read it`);
    const own = await Promise.all(places.map(place => resolve(eyes.run, place)));
    if (
      !isOwn(
        resolved,
        own.filter(place => place !== undefined),
      )
    )
      throw refused(`${plain(meant)} is not the pilot's own: look in ${places.join(', ')}`);
    return await use(resolved, eyes.run);
  } finally {
    await eyes.close();
  }
};

/** `ls`: a folder of the pilot's own, without following what is in it. */
export const lookAtFolder = (
  ports: LookPorts,
  pilot: PilotInView,
  { path }: PeekQuestion,
): Promise<Sight> =>
  withOwnPath(ports, pilot, path, async (resolved, run) => {
    const args = ['-P', resolved, '-maxdepth', '1', '-printf', FIND_FORMAT];
    const options = { timeoutMs: TIMEOUT_MS, maxOutputBytes: LIST_BYTES };
    // 1: a file has gone meanwhile.
    const { stdout } = await run('find', args, { ...options, allowedExitCodes: [0, 1] });
    const { text, isCut } = showFiles(stdout);
    return { text, isCut: isCut || Buffer.byteLength(stdout) >= LIST_BYTES };
  });

const sight = (
  bytes: string,
  place: { fromByte: number; nextByte: number; isCut: boolean },
  { fromByte, lines = LINES }: PeekQuestion,
): Sight => ({
  text: fromByte === undefined ? lastLines(bytes, lines) : bytes,
  isCut: place.isCut,
  nextByte: place.nextByte,
});

/** The pilot's output, which systemd or we opened for it: the file is root's, and no link. */
const tailOutput = async (
  { files }: LookPorts,
  { unit }: PilotInView,
  output: 'stdout' | 'stderr',
  question: PeekQuestion,
): Promise<Sight> => {
  const path = pilotFiles(unit)[output];
  const sizeBytes = (await files.facts(path))?.sizeBytes;
  if (sizeBytes === undefined) throw refused(`it has no ${output}`);
  const { fromByte, isCut } = pieceOf(sizeBytes, question.fromByte);
  const bytes = (await files.readPiece(path, fromByte, LIMITS.peekChars)) ?? Buffer.alloc(0);
  const place = { fromByte, nextByte: fromByte + bytes.length, isCut };
  return sight(bytes.toString('utf8'), place, question);
};

/** A regular file of the pilot's own; what is none is not waited for. */
const tailFile = (ports: LookPorts, pilot: PilotInView, question: PeekQuestion): Promise<Sight> =>
  withOwnPath(ports, pilot, question.path, async (resolved, run) => {
    const told = (await run('stat', ['-c', '%s %F', '--', resolved], small)).stdout.trim();
    const size = /^(\d+) regular (?:empty )?file$/.exec(told)?.[1];
    if (size === undefined) throw refused('it is not a regular file');
    const { fromByte, isCut } = pieceOf(Number(size), question.fromByte);
    // What comes while it is read is for the next look.
    const read = Math.min(LIMITS.peekChars, Number(size) - fromByte);
    const place = { fromByte, nextByte: fromByte + read, isCut };
    if (read === 0) return sight('', place, question);
    const args = [
      `if=${resolved}`,
      'iflag=nofollow,nonblock,fullblock,skip_bytes,count_bytes',
      `skip=${fromByte}`,
      `count=${read}`,
      'bs=32K',
      'status=none',
    ];
    const { stdout } = await run('dd', args, {
      timeoutMs: TIMEOUT_MS,
      maxOutputBytes: 2 * LIMITS.peekChars,
    });
    return sight(stdout, place, question);
  });

/** `tail`: the end of the pilot's output, or of a file of its own. */
export const lookAtFile = async (
  ports: LookPorts,
  pilot: PilotInView,
  question: PeekQuestion,
): Promise<Sight> => {
  const output = outputOf(question.path);
  if (output !== undefined) return tailOutput(ports, pilot, output, question);
  try {
    return await tailFile(ports, pilot, question);
  } catch (error) {
    if (isPilotageError(error) && error.code === 'command-failed')
      throw refused(saidBy(error) || 'the file cannot be read');
    throw error;
  }
};
