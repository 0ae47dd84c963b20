import { describe, expect, test } from 'vitest';
import { signalPayloads } from '../../../../agent/errands/signal-payloads.ts';
import type { PilotRun } from '../../../../agent/pilot/kinds/kind.ts';
import type { UnitSighting } from '../../../../agent/pilot/unit/unit.ts';
import { measured } from '../../../../agent/reading.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { contextOf } from '../monitor/worlds.ts';

/** USR1 is the tenth signal, so its bit the tenth. */
const CATCHES_USR1 = '0000000000000200';
const NONE = '0000000000000000';

interface Fake {
  slot: string;
  pid: number;
  parent: number;
  state?: string;
  catches: string;
}
const FAKES: readonly Fake[] = [
  { slot: '00', pid: 10, parent: 1, catches: CATCHES_USR1 },
  { slot: '00', pid: 11, parent: 10, catches: CATCHES_USR1 },
  { slot: '00', pid: 12, parent: 11, catches: NONE },
  { slot: '00', pid: 13, parent: 10, state: 'Z', catches: CATCHES_USR1 },
  { slot: '01', pid: 20, parent: 1, catches: NONE },
];

const setUp = async (also: { gone?: number } = {}) => {
  const host = createMemoryFiles();
  for (const { pid, parent, state = 'S', catches } of FAKES) {
    await host.makeDirectory(`/proc/${pid}`, { mode: 0o555 });
    const numbers = Array(40).fill('0').join(' ');
    await host.write(`/proc/${pid}/stat`, `${pid} (p) ${state} ${parent} ${numbers}`, {
      mode: 0o444,
    });
    await host.write(`/proc/${pid}/status`, `Uid:\t1\nSigCgt:\t${catches}\n`, { mode: 0o444 });
    await host.write(`/proc/${pid}/cmdline`, 'p\0', { mode: 0o444 });
  }
  const { pilots } = contextOf();
  const sent: string[] = [];
  let looks = 0;
  const units = {
    kind: 'systemd',
    start: async () => undefined,
    signal: async () => undefined,
    sight: async (): Promise<UnitSighting[]> =>
      ['01', '00'].map(slot => ({
        ...{ slot, generation: 3, state: 'running' as const, cpuMs: measured(0) },
      })),
    members: async ({ slot }: { slot: string }) => {
      looks += 1;
      const pids = FAKES.filter(fake => fake.slot === slot).map(({ pid }) => pid);
      return pids.filter(pid => looks < 2 || pid !== also.gone);
    },
  };
  const send = (signal: 'USR1' | 'CONT', pilot?: string) =>
    signalPayloads(
      {
        ...{ host, units },
        // Of a run just these are looked at.
        find: async slot =>
          FAKES.some(fake => fake.slot === slot)
            ? ({ pilots, unit: { slot, generation: 3 } } as PilotRun)
            : undefined,
        kill: (pid, name) => void sent.push(`SIG${name} ${pid}`),
      },
      { id: 'a', by: 'ada', kind: 'signal', signal, pilot },
      new AbortController().signal,
    );
  return { send, sent };
};

describe('a signal to payloads', () => {
  test('goes to those of all pilots that have a handler for it', async () => {
    const { send, sent } = await setUp();
    expect(await send('USR1')).toEqual({
      outcome: 'done',
      detail:
        'USR1 to 1 process of 00-3, 2 processes without a handler for it left alone; ' +
        'USR1 to 0 processes of 01-3, 1 process without a handler for it left alone',
    });
    expect(sent).toEqual(['SIGUSR1 11']);
  });

  test('that would end nobody goes to every one that lives', async () => {
    const { send, sent } = await setUp();
    await send('CONT', '00-3');
    expect(sent).toEqual(['SIGCONT 11', 'SIGCONT 12']);
  });

  test('goes to no process whose number is another’s by now', async () => {
    const { send, sent } = await setUp({ gone: 11 });
    expect(await send('USR1', '00')).toMatchObject({ outcome: 'refused' });
    expect(sent).toEqual([]);
  });

  test.each([
    ['01', 'USR1 to 0 processes of 01-3'],
    ['07', 'no pilot runs in slot 07'],
    ['00-2', '00-2 has ended; 00-3 runs there'],
  ])('to %s is refused: %s', async (pilot, why) => {
    const { send, sent } = await setUp();
    expect(await send('USR1', pilot)).toEqual({
      outcome: 'refused',
      detail: expect.stringContaining(why),
    });
    expect(sent).toEqual([]);
  });
});
