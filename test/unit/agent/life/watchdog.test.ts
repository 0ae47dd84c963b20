import { describe, expect, test } from 'vitest';
import { createWatchdog } from '../../../../agent/life/watchdog.ts';
import type { Exec } from '../../../../platform/exec.ts';
import { createLog } from '../../../../platform/log.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const setUp = (env: Record<string, string>) => {
  const calls: string[][] = [];
  const exec: Exec = {
    run: async (command, args) => {
      calls.push([command, ...args]);
      return { exitCode: 0, stdout: '', stderr: '' };
    },
  };
  const clock = createManualClock();
  return {
    calls,
    clock,
    watchdog: createWatchdog({ exec, clock, log: createLog('silent', () => undefined) }, env),
  };
};
const SYSTEMD = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '180000000' };

describe('the watchdog', () => {
  test('is told of progress, twice in each of its periods and no oftener', async () => {
    const { calls, clock, watchdog } = setUp(SYSTEMD);
    for (let tick = 0; tick < 19; tick += 1) {
      await watchdog.progress();
      await clock.advance(10_000);
    }
    expect(calls).toEqual([0, 1, 2].map(() => ['systemd-notify', 'WATCHDOG=1']));
  });

  test('hears that the agent is ready', async () => {
    const { calls, watchdog } = setUp(SYSTEMD);
    await watchdog.ready('at work');
    expect(calls).toEqual([['systemd-notify', '--ready', '--status=at work']]);
  });

  test.each([{}, { NOTIFY_SOCKET: '/run/systemd/notify' }, { ...SYSTEMD, WATCHDOG_USEC: 'soon' }])(
    'costs nothing where there is none: %j',
    async env => {
      const { calls, watchdog } = setUp(env);
      await watchdog.progress();
      expect(calls).toEqual([]);
    },
  );
});
