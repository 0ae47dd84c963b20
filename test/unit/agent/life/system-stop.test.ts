import { describe, expect, test } from 'vitest';
import { createPowerBesideStop, createSystemStop } from '../../../../agent/life/system-stop.ts';
import type { MachineKind } from '../../../../agent/ports.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import type { ExecResult } from '../../../../platform/exec.ts';
import { createLog } from '../../../../platform/log.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const LOG = createLog('silent', () => undefined);

type Systemctl = (args: readonly string[]) => string | Promise<string>;
const FAILS: Systemctl = () => Promise.reject(new PilotageError('command-timeout', 'no answer'));

const start = async (systemctl: Systemctl, kind: MachineKind = 'systemd') => {
  const clock = createManualClock();
  const asked: (readonly string[])[] = [];
  const told = new AbortController();
  const exec = {
    run: async (command: string, args: readonly string[]): Promise<ExecResult> => {
      expect(command).toBe('systemctl');
      asked.push(args);
      return { exitCode: 1, stdout: `${await systemctl(args)}\n`, stderr: '' };
    },
  };
  const stop = createSystemStop({ exec, clock, log: LOG, kind }, told.signal);
  const tell = async (): Promise<void> => {
    told.abort();
    await clock.advance(0);
  };
  const means = (): string =>
    stop.leave.aborted ? 'leave' : stop.stopping.aborted ? 'stopping' : 'nothing';
  return { clock, asked, stop, tell, means };
};

const answering =
  (state: string, span = '3min'): Systemctl =>
  args =>
    args[0] === 'show' ? span : state;

describe('a SIGTERM', () => {
  test.each([
    ['running', 'leave'],
    ['degraded', 'leave'],
    ['starting', 'leave'],
    ['maintenance', 'leave'],
    ['offline', 'leave'],
    ['', 'leave'],
    ['not stopping', 'leave'],
    ['stopping', 'stopping'],
  ])('in a system that is %j means %s', async (state, meaning) => {
    const { tell, means } = await start(answering(state));
    expect(means()).toBe('nothing');
    await tell();
    expect(means()).toBe(meaning);
  });

  test('of which nobody can tell what it means leaves the pilots alone', async () => {
    const { tell, means } = await start(FAILS);
    await tell();
    expect(means()).toBe('leave');
  });

  test.each(['plain', 'folder'] as const)('without systemd (%s) asks nobody', async kind => {
    const { tell, means, asked } = await start(answering('stopping'), kind);
    await tell();
    expect([means(), asked]).toEqual(['leave', []]);
  });
});

describe('what is left of the time', () => {
  test.each([
    ['3min', 50_000, 50_000],
    ['3min', 600_000, 175_000],
    ['1min 30s', 600_000, 85_000],
    ['infinity', 600_000, 600_000],
    ['3s', 600_000, 0],
    ['what', 600_000, 85_000],
  ])('by a unit with %s and a context with %i ms is %i ms', async (span, most, left) => {
    const { stop, tell, clock } = await start(answering('stopping', span));
    await tell();
    expect(stop.leftMs(most)).toBe(left);
    await clock.advance(10_000);
    expect(stop.leftMs(most)).toBe(Math.max(0, left - 10_000));
  });

  test('is a minute and a half less what it takes to go, where nobody tells', async () => {
    const { stop, tell, means } = await start(args =>
      args[0] === 'show' ? FAILS(args) : 'stopping',
    );
    await tell();
    expect([means(), stop.leftMs(600_000)]).toEqual(['stopping', 85_000]);
  });

  test('counts from the signal on, however long systemd takes to answer', async () => {
    const slow = Promise.withResolvers<string>();
    const { stop, tell, clock } = await start(args => (args[0] === 'show' ? '3min' : slow.promise));
    await tell();
    await clock.advance(4000);
    slow.resolve('stopping');
    await clock.advance(0);
    expect(stop.stopping.aborted).toBe(true);
    expect(stop.leftMs(50_000)).toBe(46_000);
  });
});

test.each([
  [false, ['enough']],
  [true, []],
])('in a system that stops (%s) the power is switched off %j', async (isStopping, off) => {
  const stopping = new AbortController();
  if (isStopping) stopping.abort();
  const switched: string[] = [];
  const power = createPowerBesideStop(
    { off: async ({ reason }) => void switched.push(reason) },
    stopping.signal,
    LOG,
  );
  await power.off({ reason: 'enough', stepMs: 1, stopping: stopping.signal });
  expect(switched).toEqual(off);
});
