import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogStore } from '../../../../agent/logs/log-store.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { createWholeLogs } from '../../../../agent/uplink/whole-logs.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import { createLog } from '../../../../platform/log.ts';
import type { WholeLogChunk } from '../../../../protocol/whole-log.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { createMemorySparse } from '../../../support/memory-sparse.ts';

const KIB = 1024;
const NAME = '00-3.out';

/** A receiver that keeps whatever follows on what it has, as the real one does. */
const createModel = () => {
  const logs = new Map<string, Buffer>();
  let stored = 0;
  return {
    logs,
    stored: () => stored,
    take: ({ source, fromByte, gzip, length }: WholeLogChunk) => {
      const kept = logs.get(source) ?? Buffer.alloc(0);
      if (gzip === undefined || fromByte !== kept.length) return kept.length;
      const bytes = gunzipSync(Buffer.from(gzip, 'base64'));
      expect(bytes.length).toBe(length);
      stored += bytes.length;
      logs.set(source, Buffer.concat([kept, bytes]));
      return kept.length + bytes.length;
    },
  };
};

const setUp = async () => {
  const files = createMemoryFiles();
  for (const folder of [PATHS.state, PATHS.logs])
    await files.makeDirectory(folder, { mode: 0o700 });
  const clock = createManualClock();
  const log = createLog('silent', () => undefined);
  const store = createLogStore({ files, sparse: createMemorySparse(files), log });
  const put = (name: string, bytes: Buffer) =>
    files.write(`${PATHS.logs}/${name}`, bytes, { mode: 0o600 });
  const create = (send: Parameters<typeof createWholeLogs>[0]['send']) =>
    createWholeLogs({ clock, files, log, store, random: () => 1, send });
  return { files, clock, put, create };
};

describe('a whole log', () => {
  test('arrives byte by byte, once each, whatever is lost and whoever is restarted', async () => {
    const fate = fc.constantFrom('heard', 'lost request', 'lost answer', 'agent restarts');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 12 }),
        fc.integer({ min: 1, max: 500 * KIB }),
        async (fates, length) => {
          const { clock, put, create } = await setUp();
          const bytes = Buffer.alloc(length, 'many words, and \u0000\u00ff bytes; ', 'latin1');
          await put(NAME, bytes);
          const model = createModel();
          const left = [...fates];
          let stop = new AbortController();
          const start = () =>
            create(async chunk => {
              const what = left.shift() ?? 'heard';
              if (what === 'lost request') return undefined;
              const nextByte = model.take(chunk);
              if (what === 'agent restarts') stop.abort();
              return what === 'heard' ? { nextByte, pauseMs: 100 } : undefined;
            });
          const first = start();
          await first.want({ slot: '00', generation: 3 });
          let loop = first.run(stop.signal);
          for (let look = 0; look < 40; look += 1) {
            await clock.advance(61_000);
            if (!stop.signal.aborted) continue;
            await loop;
            stop = new AbortController();
            loop = start().run(stop.signal);
          }
          stop.abort();
          await loop;
          expect(model.logs.get(NAME)?.equals(bytes)).toBe(true);
          expect(model.stored()).toBe(length);
        },
      ),
      { numRuns: 12 },
    );
  });

  test('is of one run, with all that belongs to it', async () => {
    const { put, create } = await setUp();
    for (const name of ['00-2.out', '00-3.err', NAME, '01-3.out'])
      await put(name, Buffer.from(name));
    const model = createModel();
    const logs = create(async chunk => ({ nextByte: model.take(chunk), pauseMs: 0 }));
    await logs.want({ slot: '00', generation: 3 });
    expect(await logs.finish(new AbortController().signal)).toBe(true);
    expect([...model.logs.keys()].sort()).toEqual(['00-3.err', NAME]);
  });

  test('goes without being wanted where the agent wrote it as evidence, and again if there is more', async () => {
    const { clock, put, create } = await setUp();
    const model = createModel();
    const logs = create(async chunk => ({ nextByte: model.take(chunk), pauseMs: 0 }));
    const stop = new AbortController();
    const loop = logs.run(stop.signal);
    await put('00-1.out', Buffer.from('not wanted'));
    await put('00-1.evidence', Buffer.from('stacks'));
    await clock.advance(20_000);
    expect(Object.fromEntries(model.logs)).toEqual({ '00-1.evidence': Buffer.from('stacks') });
    await put('00-1.evidence', Buffer.from('stacks, and more'));
    await clock.advance(20_000);
    expect(String(model.logs.get('00-1.evidence'))).toBe('stacks, and more');
    stop.abort();
    await loop;
  });

  test('begins where the receiver wants it, and ends where it refuses or always wants the same', async () => {
    const { clock, put, create } = await setUp();
    await put(NAME, Buffer.from('0123456789'));
    const sent: WholeLogChunk[] = [];
    const answers = [7, 10];
    const logs = create(async chunk => {
      sent.push(chunk);
      return { nextByte: answers.shift() ?? 10, pauseMs: 0 };
    });
    await logs.want({ slot: '00', generation: 3 });
    await logs.finish(new AbortController().signal);
    expect(sent.map(({ fromByte, length }) => [fromByte, length])).toEqual([
      [undefined, undefined],
      [7, 3],
    ]);

    let asked = 0;
    const stubborn = create(async () => {
      asked += 1;
      return { nextByte: 0, pauseMs: 0 };
    });
    await stubborn.want({ slot: '00', generation: 3 });
    const stop = new AbortController();
    const loop = stubborn.run(stop.signal);
    await clock.advance(300_000);
    stop.abort();
    await loop;
    expect(asked).toBeLessThan(20);

    const refusing = create(() =>
      Promise.reject(new PilotageError('http-refused', 'no', { status: 404 })),
    );
    await refusing.want({ slot: '00', generation: 3 });
    expect(await refusing.finish(new AbortController().signal)).toBe(true);
  });
});
