import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type BedVm, createBed, NOTING_PILOT } from './agent-bed.ts';

const MAIN = resolve(import.meta.dirname, '../../../agent/main.ts');
const cli = (vm: BedVm, ...args: string[]): string =>
  execFileSync(process.execPath, [MAIN, ...args, '--root', vm.root], { encoding: 'utf8' });

describe('one VM, end to end', () => {
  test('a drain by the receiver: pilots finish, the receiver hears of the end, the power goes', async () => {
    const { receiver, start } = await createBed();
    const vm = await start({
      pilots: {
        ...NOTING_PILOT,
        command: [
          '/bin/sh',
          '-c',
          'while [ ! -e "$PILOTAGE_DRAIN_FILE" ]; do sleep 0.1; done; echo drained',
        ],
      },
    });
    await vm.untilRunning(1);
    const [seen] = await receiver.vms();
    if (seen === undefined) expect.fail('the receiver knows no VM');
    await receiver.order(seen.vmId, 'drain', 'kernel update');
    const reason = await vm.until('power-off', vm.poweredOff);
    expect(reason).toBe('receiver: drained: kernel update');
    expect(await vm.pilotOutput()).toBe('drained\n');
    expect(await receiver.vms()).toMatchObject([{ state: 'halted', reason }]);
    expect(await receiver.directives(seen.vmId)).toMatchObject([{ kind: 'drain', status: 'done' }]);
    await vm.until('its end', () => vm.agent.ended());
    expect(vm.agent.ended()).toBe('exit 0');
  });

  test('zero load: the VM ends by itself, and why tells the readings', async () => {
    const { start } = await createBed();
    const vm = await start({
      pilots: NOTING_PILOT,
      policies: { zeroLoad: { window: '1s', minimumAge: '1s' } },
    });
    expect(await vm.until('power-off', vm.poweredOff)).toMatch(/^zero-load: load 0 below 0.1 for /);
    await vm.until('its end', () => vm.agent.ended());
    expect(cli(vm, 'why')).toMatch(/zero-load: halt \(load 0 below 0\.1 for .* of 1s\)/);
    const readings = /disk free [\d.]+ %.*, clock ahead by -?\d+ ms/;
    expect(cli(vm, 'why')).toMatch(readings);
    expect(JSON.parse(cli(vm, 'why', '--json'))).toMatchObject({
      readings: {
        others: { diskFreeShare: expect.any(Number), clockOffsetMs: expect.any(Number) },
        agesMs: { diskFreeShare: expect.any(Number) },
      },
    });
    expect(cli(vm, 'status')).toMatch(/^halted: zero-load/);
    expect(cli(vm, 'status')).toMatch(readings);
  });

  test('orders on the machine: drain, undrain, halt now', async () => {
    const { start } = await createBed();
    const vm = await start({ pilots: NOTING_PILOT });
    await vm.untilRunning(1);
    expect(cli(vm, 'drain', '--deadline', '1h')).toContain('told the agent');
    await vm.untilPhase('draining');
    cli(vm, 'undrain');
    await vm.untilPhase('running');
    cli(vm, 'halt', '--now', '--reason', 'enough');
    expect(await vm.until('power-off', vm.poweredOff)).toBe('operator: enough');
  });

  test('an empty slot retires, rests, and its neighbours never notice', async () => {
    const { start } = await createBed();
    const vm = await start({
      pilots: {
        ...NOTING_PILOT,
        slots: 'per-core',
        command: [
          ...['/bin/sh', '-c'],
          '[ "$PILOTAGE_SLOT" = 00 ] && does=idle || does=busy; echo $does >"$PILOTAGE_STATUS_FILE"; exec sleep 1000',
        ],
        idleEnd: '2s',
        backoff: { first: '1h', most: '1h' },
      },
    });
    const [empty, ...busy] = await vm.until('the end of the empty one', async () => {
      const pilots = (await vm.status())?.pilots ?? [];
      return pilots[0]?.activity === 'waiting' && pilots[0].generation === 1 ? pilots : undefined;
    });
    expect(empty).toMatchObject({ lastExit: 'signal TERM: no more work', lastVac: 300 });
    expect(busy.map(({ activity, generation }) => `${generation} ${activity}`)).toEqual(
      busy.map(() => '1 busy'),
    );
    const lines = cli(vm, 'pilots').split('\n');
    expect(lines[1]).toMatch(/^00 +1 +waiting .* in \d+m.* signal TERM \(300 no more work\)$/);
  });

  test('a halt ends what ignores TERM', async () => {
    const { start } = await createBed();
    const vm = await start({
      pilots: {
        ...NOTING_PILOT,
        command: ['/bin/sh', '-c', 'trap "" TERM; while :; do sleep 1; done'],
      },
    });
    await vm.untilRunning(1);
    cli(vm, 'halt');
    await vm.until('power-off', vm.poweredOff);
    const status = await vm.until('the last status', vm.status);
    expect(status.pilots).toMatchObject([
      { state: 'waiting', lastExit: expect.stringMatching(/KILL|vanished/) },
    ]);
  });
});
