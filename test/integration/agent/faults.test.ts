import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createBed, NOTING_PILOT, writeContext } from './agent-bed.ts';

describe('whatever happens to the agent', () => {
  test('SIGKILL: the next one adopts the running pilot and starts none twice', async () => {
    const { start } = await createBed();
    const vm = await start({ pilots: NOTING_PILOT });
    await vm.untilRunning(1);
    process.kill(vm.agent.pid, 'SIGKILL');
    await vm.until('its end', () => vm.agent.ended());
    const next = await vm.restart();
    await vm.until(
      'the next agent',
      async () => (await vm.status())?.pid === next.pid || undefined,
    );
    await vm.untilRunning(1);
    const ticks = (await vm.status())?.ticks ?? 0;
    await vm.until(
      'more ticks',
      async () => ((await vm.status())?.ticks ?? 0) > ticks + 5 || undefined,
    );
    expect(await vm.pilotOutput()).toBe('start 1\n');
  });

  test('SIGKILL with its state lost: the pilot is adopted all the same', async () => {
    const { start } = await createBed();
    const vm = await start({ pilots: NOTING_PILOT });
    await vm.untilRunning(1);
    process.kill(vm.agent.pid, 'SIGKILL');
    await vm.until('its end', () => vm.agent.ended());
    await vm.files.remove('/var/lib/pilotage/monitor.json');
    const next = await vm.restart();
    await vm.until(
      'the next agent',
      async () => (await vm.status())?.pid === next.pid || undefined,
    );
    await vm.untilRunning(1);
    expect(await vm.pilotOutput()).toBe('start 1\n');
  });

  test('SIGKILL at any moment of a start: never two pilots in a slot', async () => {
    const { start } = await createBed();
    const vm = await start({ pilots: NOTING_PILOT });
    for (const afterMs of [0, 300, 500, 600, 700, 800]) {
      const agent = afterMs === 0 ? vm.agent : await vm.restart();
      await new Promise(resolve => setTimeout(resolve, afterMs));
      process.kill(agent.pid, 'SIGKILL');
      await vm.until('its end', () => agent.ended());
    }
    await vm.restart();
    await vm.untilRunning(1);
    const starts = (await vm.pilotOutput()).trim().split('\n');
    expect(starts).toEqual(['start 1']);
  });

  test('SIGTERM: it stops in order, the pilots go on', async () => {
    const { start } = await createBed();
    const vm = await start({ pilots: NOTING_PILOT });
    await vm.untilRunning(1);
    expect(await vm.agent.stop(20_000)).toBe('exit 0');
    expect(vm.log()).toContain('agent stopped; the pilots go on');
    expect(await vm.poweredOff()).toBeUndefined();
    await vm.restart();
    await vm.untilRunning(1);
    expect(await vm.pilotOutput()).toBe('start 1\n');
  });

  test('SIGKILL while it drains or halts: the next one goes on with it', async () => {
    const { receiver, start } = await createBed();
    const vm = await start({
      pilots: {
        ...NOTING_PILOT,
        command: ['/bin/sh', '-c', 'trap "" TERM; while :; do sleep 1; done'],
      },
    });
    await vm.untilRunning(1);
    const [seen] = await receiver.vms();
    await receiver.order(seen?.vmId ?? '', 'halt', 'the end');
    await vm.untilPhase('halting');
    process.kill(vm.agent.pid, 'SIGKILL');
    await vm.until('its end', () => vm.agent.ended());
    await vm.restart();
    expect(await vm.until('power-off', vm.poweredOff)).toBe('receiver: the end');
  });
});

describe('whatever happens around it', () => {
  test('a broken context: held, told at the receiver with file and line, then powered off', async () => {
    const { receiver, start } = await createBed();
    const vm = await start({ hold: '3s', pilotz: {} });
    await vm.untilPhase('failed');
    const told = /50-site\.yaml:\d+: pilotz: unknown key; remedy: did you mean pilots\?/;
    await vm.until('the receiver hears', async () => {
      const [seen] = await receiver.vms();
      return (seen?.state === 'failed' && told.test(seen.reason)) || undefined;
    });
    expect(await vm.until('power-off', vm.poweredOff)).toMatch(/^hold: held for .*pilotz/);
  });

  test('a node that is not fit: no pilot starts, and the receiver hears why', async () => {
    const { receiver, start } = await createBed();
    const vm = await start({ hold: '2s', pilots: NOTING_PILOT, checks: { diskMb: 99_999_999 } });
    const reason = await vm.until('power-off', vm.poweredOff);
    expect(reason).toMatch(
      /the node is not fit: disk: \d+ MB free under \/scratch, 99999999 MB needed/,
    );
    expect(await receiver.vms()).toMatchObject([{ state: 'halted', reason }]);
    expect(await vm.pilotOutput()).toBe('');
  });

  test('a broken lifeline: nobody to tell, but it still ends', async () => {
    const { start } = await createBed();
    const vm = await start({ hold: '1s' });
    await vm.agent.stop(20_000);
    writeContext(vm, '00-receiver.yaml', 'version: 1\nreceiver: {url: nonsense}\n');
    writeContext(vm, '50-site.yaml', 'version: 1\nhold: 1s\n');
    await vm.restart();
    await vm.untilPhase('failed');
    expect((await vm.status())?.reason).toMatch(/receiver\.url: not understood/);
  });

  test('a receiver that is away: the VM works on, and is heard when it is back', async () => {
    const { receiver, start } = await createBed();
    const vm = await start({ pilots: NOTING_PILOT });
    await vm.untilRunning(1);
    process.kill(receiver.program.pid, 'SIGSTOP');
    const before = (await vm.status())?.receiver?.acknowledgedHeartbeats ?? 0;
    const ticks = (await vm.status())?.ticks ?? 0;
    await vm.until(
      'ticks go on',
      async () => ((await vm.status())?.ticks ?? 0) > ticks + 5 || undefined,
    );
    expect((await vm.status())?.phase).toBe('running');
    process.kill(receiver.program.pid, 'SIGCONT');
    await vm.until(
      'heartbeats again',
      async () =>
        ((await vm.status())?.receiver?.acknowledgedHeartbeats ?? 0) > before + 1 || undefined,
    );
  });

  test('no receiver from the beginning: the pilots run, the VM halts by its policies', async () => {
    const { receiver, start } = await createBed();
    await receiver.stop();
    const vm = await start({
      pilots: NOTING_PILOT,
      policies: { zeroLoad: { window: '1s', minimumAge: '1s' } },
    });
    expect(await vm.until('power-off', vm.poweredOff)).toMatch(/^zero-load/);
    expect(await vm.pilotOutput()).toBe('start 1\n');
    expect(vm.log()).toContain('the receiver cannot be reached');
  });

  test('a pilot that exits at once: backed off, given up, held with the reason', async () => {
    const { receiver, start } = await createBed();
    const backoff = { first: '100ms', most: '200ms', giveUpAfter: 3, minimumRun: '10s' };
    const vm = await start({
      hold: '2s',
      pilots: { ...NOTING_PILOT, command: ['/bin/false'], backoff },
    });
    await vm.untilPhase('failed');
    expect((await vm.status())?.pilots).toMatchObject([
      { state: 'gave-up', generation: 3, lastExit: 'exit 1' },
    ]);
    expect(await vm.until('power-off', vm.poweredOff)).toContain(
      '1 of 1 slots gave up, pilots ended with: exit 1',
    );
    expect(await receiver.vms()).toMatchObject([{ state: 'halted' }]);
  });

  test('a program that does not exist: the reason reaches the receiver', async () => {
    const { start } = await createBed();
    const backoff = { first: '100ms', most: '200ms', giveUpAfter: 2, minimumRun: '10s' };
    const vm = await start({
      hold: '1s',
      pilots: { ...NOTING_PILOT, command: ['/no/such/pilot'], backoff },
    });
    expect(await vm.until('power-off', vm.poweredOff)).toContain('exit 127');
  });

  test('no secret of the context is in a log, an argument list or a file that others can read', async () => {
    const { receiver, start } = await createBed();
    const vm = await start({
      pilots: NOTING_PILOT,
      credentials: [
        { name: 'token', content: 'canary-in-the-coal-mine', variable: 'BEARER_TOKEN_FILE' },
      ],
    });
    await vm.untilRunning(1);
    const secrets = ['canary-in-the-coal-mine', receiver.enrolmentSecret];
    const enrolment = (await vm.files.read('/var/lib/pilotage/enrolment.json', 10_000)) ?? '';
    secrets.push((JSON.parse(enrolment) as { token: string }).token);
    for (const secret of secrets) {
      expect(vm.log()).not.toContain(secret);
      expect(readFileSync(`/proc/${vm.agent.pid}/cmdline`, 'utf8')).not.toContain(secret);
    }
    const walk = async (path: string): Promise<string[]> => {
      const facts = await vm.files.facts(path);
      if (facts?.kind !== 'directory') return [path];
      return (
        await Promise.all((await vm.files.list(path)).map(name => walk(`${path}/${name}`)))
      ).flat();
    };
    let found = 0;
    for (const path of await walk('')) {
      const text = (await vm.files.read(path, 1e6)) ?? '';
      if (!secrets.some(secret => text.includes(secret))) continue;
      found += 1;
      expect([path, (await vm.files.facts(path))?.mode]).toEqual([path, 0o600]);
    }
    expect(found).toBeGreaterThan(2);
  });

  test('a state folder that cannot be written: no new pilot, but a halt is obeyed', async () => {
    const { receiver, start } = await createBed();
    const vm = await start({ pilots: NOTING_PILOT });
    await vm.untilRunning(1);
    await vm.agent.stop(20_000);
    // Root writes everywhere, so a folder that is in the way stands for the disk that takes no more.
    await vm.files.remove('/var/lib/pilotage/monitor.json');
    await vm.files.makeDirectory('/var/lib/pilotage/monitor.json/in-the-way', { mode: 0o755 });
    await vm.restart();
    await vm.until(
      'the complaint',
      () => vm.log().includes('the state could not be written') || undefined,
    );
    const [seen] = await receiver.vms();
    await receiver.order(seen?.vmId ?? '', 'halt', 'full');
    expect(await vm.until('power-off', vm.poweredOff)).toBe('receiver: full');
  });
});
