import { dirname } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFollowLog } from '../../../../../agent/monitor/readings/follow-log.ts';
import type { Answer } from '../../../../../agent/pilot/answer.ts';
import { measured, NO_DATA } from '../../../../../agent/reading.ts';
import { createMemoryFiles } from '../../../../support/memory-files.ts';

const LOG = '/var/log/pilotage/00-1.out';
const KIB = 1024;

/** Counts what it sees, so that a line seen twice or not at all shows. */
const follow = {
  log: LOG,
  next: (before: Answer | undefined, lines: readonly string[]): Answer => ({
    payloads: measured(lines.reduce((sum, line) => sum + line.length, 0)),
    payloadsStarted: (before?.payloadsStarted ?? 0) + lines.length,
    said: lines.at(-1) ?? before?.said ?? '',
  }),
};

const bed = () => {
  const files = createMemoryFiles();
  const followLog = createFollowLog(files);
  let text = '';
  return {
    write: async (more: string) => {
      text += more;
      await files.makeDirectory(dirname(LOG), { mode: 0o700 });
      await files.write(LOG, text, { mode: 0o600 });
    },
    empty: async () => {
      text = '';
      await files.write(LOG, text, { mode: 0o600 });
    },
    read: (isOver = false) => followLog.read('00-1', follow, isOver),
  };
};

describe('a log that is followed', () => {
  test('tells nothing before there is a line', async () => {
    const { read, write } = bed();
    expect(await read()).toEqual({ payloads: NO_DATA });
    await write('half a line');
    expect(await read()).toEqual({ payloads: NO_DATA });
  });

  test('gives each line once, when it is whole', async () => {
    const { read, write } = bed();
    await write('one\ntw');
    expect(await read()).toMatchObject({ payloadsStarted: 1, said: 'one' });
    await write('o\r\nthree\n');
    expect(await read()).toMatchObject({ payloadsStarted: 3, said: 'three' });
    expect(await read()).toMatchObject({ payloadsStarted: 3, said: 'three' });
  });

  test('gives the last line of a run that is over without its newline', async () => {
    const { read, write } = bed();
    await write('one\ntwo');
    expect(await read(true)).toMatchObject({ payloadsStarted: 2, said: 'two' });
    expect(await read(true)).toMatchObject({ payloadsStarted: 2, said: 'two' });
  });

  test('goes on after it was emptied', async () => {
    const { read, write, empty } = bed();
    await write('one\ntwo\n');
    await read();
    await empty();
    await write('3\n');
    expect(await read()).toMatchObject({ payloadsStarted: 3, said: '3' });
  });

  test('leaves out a line of more than 64 KiB, and no other', async () => {
    const { read, write } = bed();
    await write(`one\n${'x'.repeat(200 * KIB)}`);
    expect(await read()).toMatchObject({ payloadsStarted: 1 });
    await write(`yy\ntwo\n`);
    expect(await read()).toMatchObject({ payloadsStarted: 2, said: 'two' });
  });

  test('says nothing of payloads while it is behind, and all of it in the end', async () => {
    const { read, write } = bed();
    await write('line\n'.repeat(600 * KIB));
    expect(await read()).toMatchObject({ payloads: NO_DATA });
    await read();
    expect(await read()).toMatchObject({ payloads: { ok: true }, payloadsStarted: 600 * KIB });
  });

  test('leaps over what is more than 16 MiB behind', async () => {
    const { read, write } = bed();
    await write('0123456789abcde\n'.repeat(2 * KIB * KIB));
    const { payloadsStarted, said } = await read(true);
    expect(said).toBe('0123456789abcde');
    expect(payloadsStarted).toBeLessThanOrEqual(64 * KIB);
  });

  test('is the same in whatever pieces it grows', async () => {
    const pieces = fc.array(fc.constantFrom('a', 'bc', '\n', 'd\ne', '\n\n', 'ä', '\r\n'), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(pieces, async texts => {
        const slow = bed();
        for (const text of texts) {
          await slow.write(text);
          await slow.read();
        }
        const quick = bed();
        await quick.write(texts.join(''));
        const { payloads: _, ...atOnce } = await quick.read(true);
        const { payloads: __, ...inPieces } = await slow.read(true);
        expect(inPieces).toEqual(atOnce);
      }),
    );
  });
});
