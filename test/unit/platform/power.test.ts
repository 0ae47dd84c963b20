import { describe, expect, test } from 'vitest';
import { PilotageError } from '../../../platform/errors.ts';
import { createLog } from '../../../platform/log.ts';
import { createPower, type PowerPorts } from '../../../platform/power.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const refuse = (): never => {
  throw new PilotageError('command-failed', 'no');
};

/** A machine that does not end, whatever is tried; what was tried, and at which second. */
const setUp = ({
  systemctl = async () => undefined,
  ...more
}: Partial<PowerPorts> & { systemctl?: (args: readonly string[]) => Promise<unknown> } = {}) => {
  const clock = createManualClock(0, 0);
  const tried: string[] = [];
  const note = (what: string): void => void tried.push(`${clock.monotonicMs() / 1000}: ${what}`);
  const stop = new AbortController();
  const power = createPower({
    clock,
    exec: {
      run: async (command, args) => {
        note([command, ...args].join(' ').replace(' --no-wall', ''));
        await systemctl(args);
        return { exitCode: 0, stdout: '', stderr: '' };
      },
    },
    log: createLog('silent', () => undefined),
    lastResort: {
      signalInit: signal => note(`signal ${signal}`),
      press: key => note(`sysrq ${key}`),
    },
    ownsKernel: true,
    ...more,
  });
  let isOver = false;
  const off = power.off({ reason: 'enough', stepMs: 180_000, stopping: stop.signal }).then(() => {
    isOver = true;
  });
  return { clock, tried, stop, off, isOver: () => isOver };
};

describe('a machine is ended', () => {
  test('in order, by force, past PID 1, by the kernel: each once its time is over', async () => {
    const { clock, tried, off } = setUp();
    await clock.advance(600_000);
    await off;
    expect(tried).toEqual([
      '0: systemctl poweroff',
      '180: systemctl poweroff --force',
      '360: systemctl poweroff --force --force',
      '375: sysrq s',
      '378: sysrq u',
      '379: sysrq o',
    ]);
  });

  test('no further than is needed: whoever is told to end waits no longer', async () => {
    const { clock, tried, stop, isOver } = setUp();
    await clock.advance(20_000);
    expect(isOver()).toBe(false);
    stop.abort();
    await clock.advance(0);
    expect(isOver()).toBe(true);
    expect(tried).toEqual(['0: systemctl poweroff']);
  });

  test('by signals to PID 1, where no process can be started', async () => {
    const { clock, tried } = setUp({ systemctl: async () => refuse() });
    await clock.advance(600_000);
    expect(tried).toEqual([
      ...['0: systemctl poweroff', '0: signal stop'],
      ...['180: systemctl poweroff --force', '180: signal force'],
      '360: systemctl poweroff --force --force',
      ...['360: sysrq s', '363: sysrq u', '364: sysrq o'],
    ]);
  });

  test('even where everything is refused', async () => {
    const { clock, off } = setUp({
      systemctl: async () => refuse(),
      lastResort: { signalInit: refuse, press: refuse },
    });
    await clock.advance(60_000);
    await off;
  });

  test('not by the kernel of its host, where it is a container', async () => {
    const { clock, tried, off } = setUp({ ownsKernel: false });
    await clock.advance(600_000);
    await off;
    expect(tried.filter(line => line.includes('sysrq'))).toEqual([]);
  });
});
