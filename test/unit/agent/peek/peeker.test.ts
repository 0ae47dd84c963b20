import { describe, expect, test } from 'vitest';
import { PATHS } from '../../../../agent/paths.ts';
import { createPeeker, type PeekerPorts } from '../../../../agent/peek/peeker.ts';
import type { PilotInView } from '../../../../agent/peek/pilot-in-view.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import { createLog } from '../../../../platform/log.ts';
import type { PeekDirective } from '../../../../protocol/directive.ts';
import type { PeekAnswer } from '../../../../protocol/peek.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';

const PILOT: PilotInView = {
  unit: { slot: '00', generation: 3 },
  owner: undefined,
  users: new Map(),
  home: '/scratch/plt00',
  folder: '/run/pilotage/pilots/00-3',
};
const ASKED: PeekDirective = {
  ...{ id: 'p-1', kind: 'peek', reason: '', expiresInMs: 60_000, by: 'ada@desk at 10.0.0.1' },
  ...{ thing: 'tail', pilot: '00' },
};

const setUp = async (changed: Partial<PeekerPorts> = {}) => {
  const files = createMemoryFiles();
  await files.makeDirectory(PATHS.logs, { mode: 0o700 });
  await files.write(`${PATHS.logs}/00-3.out`, 'one\ntwo\n', { mode: 0o600 });
  const clock = createManualClock();
  const lines: string[] = [];
  const answers: (PeekAnswer & { id: string })[] = [];
  const unused = () => Promise.reject(new Error('not used here'));
  const peeker = createPeeker({
    ...{ clock, files, host: files, exec: { run: unused } },
    units: { kind: 'none', start: unused, sight: unused, signal: unused, members: async () => [] },
    log: createLog('debug', line => void lines.push(line)),
    allowed: () => ['tail', 'ps'],
    find: async slot => (slot === '00' ? PILOT : undefined),
    answer: async (id, answer) => void answers.push({ id, ...answer }),
    acknowledged: () => undefined,
    ...changed,
  });
  /** Waits for the words on these directives, and for nothing else. */
  const ask = async (...asked: Partial<PeekDirective>[]) => {
    peeker.obey(asked.map(each => ({ ...ASKED, ...each })));
    await peeker.stop();
    return peeker.acknowledgements();
  };
  return { peeker, ask, answers, lines, clock };
};

describe('a look', () => {
  test('that is allowed is told, acknowledged and logged with who asked', async () => {
    const { peeker, answers, lines } = await setUp({});
    peeker.obey([ASKED]);
    await expect
      .poll(() => answers)
      .toEqual([
        { id: 'p-1', protocol: 1, unit: '00-3', text: 'one\ntwo\n', isCut: false, nextByte: 8 },
      ]);
    await expect
      .poll(() => peeker.acknowledgements())
      .toEqual([{ id: 'p-1', outcome: 'done', detail: '' }]);
    expect(lines.map(line => JSON.parse(line))).toMatchObject([
      { peek: 'p-1', thing: 'tail', pilot: '00', by: 'ada@desk at 10.0.0.1', outcome: 'done' },
    ]);
    // The receiver repeats it until it has the acknowledgement.
    peeker.obey([ASKED, ASKED]);
    await peeker.stop();
    expect(answers).toHaveLength(1);
  });

  test.each<[string, Partial<PeekDirective>, Partial<PeekerPorts>, string, RegExp]>([
    ['of what is not allowed', { thing: 'stack' }, {}, 'refused', /lets only tail, ps be looked/],
    ['where nothing is allowed', {}, { allowed: () => [] }, 'refused', /lets nothing be looked at/],
    ['of a slot without a pilot', { pilot: '01' }, {}, 'refused', /no pilot runs in slot 01/],
    ['of a run that is over', { pilot: '00-2' }, {}, 'refused', /00-2 has ended; 00-3 runs/],
    ['of a pilot without processes', { thing: 'ps' }, {}, 'refused', /no processes any more/],
    ['of output that is not there', { path: 'stderr' }, {}, 'refused', /it has no stderr/],
    ['that is too old', { expiresInMs: 0 }, {}, 'expired', /expired before/],
    [
      'that the receiver no longer wants',
      {},
      { answer: () => Promise.reject(new PilotageError('http-refused', 'nobody waits')) },
      'refused',
      /nobody waits/,
    ],
    [
      'that goes wrong by a mistake of ours',
      {},
      { find: () => Promise.reject(new TypeError('x is not a function')) },
      'refused',
      /could not look/,
    ],
  ])('%s is not told, and why is acknowledged', async (_what, asked, changed, outcome, detail) => {
    const { peeker, answers } = await setUp(changed);
    peeker.obey([{ ...ASKED, ...asked }]);
    await expect
      .poll(() => peeker.acknowledgements())
      .toEqual([{ id: 'p-1', outcome, detail: expect.stringMatching(detail) }]);
    expect(answers).toEqual([]);
  });

  test('of which the receiver could not be told is taken again when it asks again', async () => {
    let isDown = true;
    const told: string[] = [];
    const { peeker, lines } = await setUp({
      answer: async id => {
        if (isDown) throw new PilotageError('http-failed', 'no route');
        told.push(id);
      },
    });
    peeker.obey([ASKED]);
    await expect.poll(() => lines).toHaveLength(1);
    expect(peeker.acknowledgements()).toEqual([]);
    isDown = false;
    peeker.obey([ASKED]);
    await expect.poll(() => told).toEqual(['p-1']);
  });

  test('that has not begun when the agent stops never does', async () => {
    const { ask, answers } = await setUp();
    expect(await ask({ id: 'a' }, { id: 'b' })).toEqual([]);
    expect(answers).toEqual([]);
  });
});
