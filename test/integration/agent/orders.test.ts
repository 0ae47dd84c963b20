import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { SYSTEM_ENV } from '../../../platform/exec.ts';
import { runReceiver } from '../../support/receiver-cli.ts';
import { AGENT, type BedVm, createBed, writeContext } from './agent-bed.ts';

/** Two payloads: one that has a handler for USR1, and one that would be ended by it. */
const PILOT = {
  kind: 'command',
  slots: 'whole-node',
  command: [
    '/bin/sh',
    '-c',
    `echo "start $PILOTAGE_GENERATION"
    sh -c 'trap "echo caught" USR1; while :; do sleep 0.2; done' &
    sleep 987654 & wait`,
  ],
};

const setUp = async (context: object = {}, pace = '1s') => {
  const { receiver, start } = await createBed(pace, '5m');
  const vm = await start({ pilots: PILOT, ...context });
  await vm.untilRunning(1);
  const env = { PILOTAGE_RECEIVER_URL: receiver.url, PILOTAGE_TOKEN_FILE: receiver.tokenFile };
  const id = await vm.until('the VM is enrolled', async () => (await receiver.vms())[0]?.vmId);
  const cli = (...args: string[]) => runReceiver(args, env);
  const give = (kind: Parameters<typeof receiver.give>[1]['kind'], more: object = {}) =>
    receiver.give(id, { kind, ...more });
  return { vm, id, cli, give, receiver };
};

const generationOf = async (vm: BedVm) => (await vm.status())?.pilots[0]?.generation;
const untilGeneration = (vm: BedVm, wanted: number) =>
  vm.until(
    `pilot ${wanted}`,
    async () =>
      ((await generationOf(vm)) === wanted && (await vm.poweredOff()) === undefined) || undefined,
  );
const onMachine = (vm: BedVm, ...args: string[]) => {
  const [program, ...main] = AGENT;
  const { stdout, stderr, status } = spawnSync(program, [...main, ...args, '--root', vm.root], {
    ...{ env: SYSTEM_ENV, encoding: 'utf8', timeout: 60_000 },
  });
  return { stdout, stderr, exitCode: status };
};

describe('orders', () => {
  test('end one pilot, and another follows it, or none and the VM ends', async () => {
    const { vm, id, cli, give } = await setUp();
    const ended = await cli('end-pilot', id, '--pilot', '00-1', '--reason', 'hangs', '--wait');
    expect(ended).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^end-pilot 00-1 .*: done: 00-1 is told to end\n$/),
    });
    await untilGeneration(vm, 2);
    // The one that was meant has ended; its follower is left alone.
    expect(await give('end-pilot', { pilot: '00-1' })).toBe(
      'done: 00-1 has ended already; 00-2 followed it',
    );
    expect(await give('end-pilot', { pilot: '07' })).toBe('refused: this VM has no slot 07');
    expect(onMachine(vm, 'end-pilot', '00', '--now', '--last', '--wait').stdout).toBe(
      'end-pilot: done: 00-2 is killed, and no other starts\n',
    );
    await vm.until('the end of the VM', () => vm.poweredOff());
    expect(await vm.pilotOutput()).not.toContain('start 3');
    const { stdout } = await cli('directives', id);
    expect(stdout).toMatch(/end-pilot 00-1 +\S+@\S+ at 127\.0\.0\.1 +hangs +done +20/);
  });

  test('signal payloads that have a handler, and no others', async () => {
    const { vm, give } = await setUp();
    expect(await give('signal', { signal: 'USR1', by: 'ada' })).toMatch(
      /^done: USR1 to 1 process of 00-1, \d process(es)? without a handler for it left alone$/,
    );
    await vm.until('the payload got it', async () =>
      (await vm.pilotOutput()).includes('caught') ? true : undefined,
    );
    expect(await give('signal', { signal: 'USR2', pilot: '00' })).toContain(
      'refused: USR2 to 0 processes of 00-1',
    );
    expect(onMachine(vm, 'signal', '--signal', 'CONT', '--pilot', '00', '--wait')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^signal: done: CONT to \d processes of 00-1\n$/),
    });
    expect(await generationOf(vm)).toBe(1);
    expect(vm.log()).toMatch(/"kind":"signal","by":"ada at 127.0.0.1","outcome":"done"/);
  });

  test('have whole logs sent, the agent’s own too; and squids asked for only where there is what to ask', async () => {
    const { vm, id, give, receiver } = await setUp();
    const said = await give('collect-logs');
    expect(said).toContain('00-1.out');
    const own = /agent\.\d{8}T\d{6}Z/.exec(said)?.[0] ?? '';
    const log = await vm.until('the agent’s log', () => receiver.readLog(id, own, 0));
    expect(log.text).toContain('"phase":"running"');
    expect((await receiver.readLog(id, '00-1.out', 0))?.text).toMatch(/^start 1\n/);
    expect(await give('collect-logs', { of: '05' })).toBe('refused: there are no logs of 05');
    expect(await give('rediscover-squids')).toBe('refused: the context has no CVMFS');
  });

  test('reload the context while pilots go on; one that is no good changes nothing', {
    timeout: 150_000,
  }, async () => {
    const { vm, id, give, receiver } = await setUp({ peek: { allow: ['ps'] } });
    const reload = (text: string) => {
      writeContext(vm, '60-more.yaml', `version: 1\n${text}\n`);
      return give('reload-context');
    };
    const tail = () => receiver.peek(id, '00', 'tail');
    expect(await reload('')).toBe('done: nothing is another than before');
    expect(await tail()).toContain('refused');
    expect(await reload('peek: {allow: [ps, tail]}')).toBe('done: changed: peek');
    expect(await tail()).toBe('start 1\n');

    expect(await reload('peek: {allow: [ps]}\npolicy: {}')).toMatch(
      /^refused: .*60-more\.yaml:3: policy/,
    );
    expect(await reload('peek: {allow: [ps]}\nscratch: {path: /elsewhere}')).toContain(
      'refused: it would change scratch under pilots that run',
    );
    expect(await reload('peek: {allow: [ps]}\nchecks: {memoryMb: 100000000}')).toMatch(
      /^refused: the node is not fit: .*; the former context holds$/,
    );
    // What was refused holds for nothing.
    expect(await tail()).toBe('start 1\n');
    expect([(await vm.status())?.phase, await generationOf(vm)]).toEqual(['running', 1]);

    // Nor does an agent that is restarted end pilots for what was refused.
    await vm.agent.stop(10_000);
    await vm.restart();
    await vm.until('it goes on by what held', () =>
      vm.log().includes('it goes on by what it knew before') ? true : undefined,
    );
    await vm.untilPhase('running');
    expect(await generationOf(vm)).toBe(1);
  });

  test('that were given while no agent ran are obeyed by the next one, and remembered', {
    timeout: 120_000,
  }, async () => {
    const { vm, id, give, receiver } = await setUp();
    expect(await give('pace', { everyMs: 1000, forMs: 3_600_000 })).toBe('done: ');
    await vm.agent.stop(10_000);
    const ended = give('end-pilot', { pilot: '00-1' });
    await vm.restart();
    expect(await ended).toBe('done: 00-1 is told to end');
    await untilGeneration(vm, 2);
    expect(await receiver.directives(id)).toMatchObject([
      { kind: 'end-pilot', status: 'done' },
      { kind: 'pace', status: 'done', wish: { everyMs: 1000, forMs: 3_600_000 } },
    ]);
  });

  test('and looks come to a VM between its heartbeats', async () => {
    const { id, receiver } = await setUp({ peek: { allow: ['tail'] } }, '4m');
    const beganMs = performance.now();
    expect(await receiver.peek(id, '00', 'tail')).toBe('start 1\n');
    expect(performance.now() - beganMs).toBeLessThan(40_000);
  });
});
