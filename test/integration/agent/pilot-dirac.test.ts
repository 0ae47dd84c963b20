import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { publishDiracPilot, publishHashes, serveFolders } from '../../support/dirac-pilot.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { AGENT, type BedVm, createBed } from './agent-bed.ts';

const PILOT = {
  ...{ kind: 'dirac', site: 'CLOUD.Test.org', ce: 'test-cloud', vo: 'vo.test.org' },
  localCeType: 'InProcess',
};
const HOME = 'scratch/plt00';

/** What the pilot wrote down of what it was given. */
interface Seen {
  options: [string, string][];
  rest: string[];
  json: Record<string, unknown>;
  cwd: string;
  files: string[];
  stamp: string;
  uuid: string;
  proxy: string | null;
}

const seenBy = (vm: BedVm, generation: number): Promise<Seen> =>
  vm.until('what the pilot saw', async () => {
    const text = await vm.files.read(`/${HOME}/seen.json`, 1e6);
    const seen = text === undefined ? undefined : (JSON.parse(text) as Seen);
    return seen?.uuid.endsWith(`-${generation}`) === true ? seen : undefined;
  });

const untilPilot = (vm: BedVm, wanted: object): Promise<unknown> =>
  vm.until(`a pilot with ${JSON.stringify(wanted)}`, async () => {
    const pilot = (await vm.status())?.pilots[0];
    if (pilot === undefined) return undefined;
    const isLike = Object.entries(wanted).every(
      ([key, value]) => JSON.stringify(pilot[key as keyof typeof pilot]) === JSON.stringify(value),
    );
    return isLike ? pilot : undefined;
  });
const value = (count: number) => ({ ok: true, value: count });

const job = (vm: BedVm, number: number) => ({
  queue: (): void => writeFileSync(join(vm.root, HOME, `job-${number}`), ''),
  end: (): void => rmSync(join(vm.root, HOME, `job-${number}`)),
});

/** A receiver, agents, and a web server with the pilot at `/good`. */
const createDiracBed = async () => {
  const bed = await createBed();
  const good = join(bed.folder, 'good');
  const bad = join(bed.folder, 'bad');
  publishDiracPilot(good);
  publishDiracPilot(bad);
  const { origin } = await startLoopbackServer(serveFolders({ good, bad }));
  return { ...bed, good, bad, at: (name: string) => `${origin}/${name}` };
};

describe('a DIRAC pilot', () => {
  test('from the first location that has it whole; a drain lets its job finish, and no other start', async () => {
    const { receiver, start, at, bad } = await createDiracBed();
    // Somebody has changed the archive, or half of a new one is there.
    appendFileSync(join(bad, 'pilot.tar'), 'x');
    const vm = await start({
      credentials: [{ name: 'proxy', content: 'a proxy', variable: 'X509_USER_PROXY' }],
      pilots: {
        ...PILOT,
        from: [at('none'), at('bad'), at('good')],
        ...{ requiredTags: ['only-here'], commands: ['CheckWorkerNode', 'Brew'] },
        pilotJson: { Beans: { kind: 'arabica' }, Defaults: { Pilot: { CheckVersion: 'True' } } },
        arguments: ['--MaxCycles=10'],
      },
    });
    await untilPilot(vm, { activity: 'idle', payloads: value(0), payloadsStarted: 0 });
    const seen = await seenBy(vm, 1);
    const options = Object.fromEntries(seen.options);
    const cores = String((await vm.status())?.pilots[0]?.cores);
    expect(options).toMatchObject({
      ...{ '--Name': 'test-cloud', '--name': 'CLOUD.Test.org', '--wnVO': 'vo.test.org' },
      ...{ '--requiredTag': 'only-here', '--commands': 'CheckWorkerNode,Brew' },
      ...{ '--pilotProcessors': cores, '--MaxCycles': '10', '--pilotUUID': seen.stamp },
    });
    expect(seen.rest).toEqual([]);
    expect(seen.options).toContainEqual([
      '-o',
      `/Resources/Computing/CEDefaults/NumberOfProcessors=${cores}`,
    ]);
    expect(seen.uuid).toMatch(/^cloud:\/\/[A-Za-z0-9._-]+\/00-1$/);
    expect(seen.stamp).toMatch(/^[0-9a-f]{32}$/);
    expect(seen.proxy).toBe('a proxy');
    expect(seen.cwd).toBe(join(vm.root, HOME, 'dirac-1'));
    expect(seen.json).toMatchObject({
      ...{ Beans: { kind: 'arabica' }, timestamp: '2026-01-01T00:00:00' },
      ConfigurationServers: ['dips://published:9135/Configuration/Server'],
      Defaults: {
        Pilot: {
          ...{ Version: 'v9.0.1', CheckVersion: 'True' },
          Commands: { Cloud: 'CheckWorkerNode, Brew', Defaults: 'CheckWorkerNode, Brew' },
        },
      },
      CEs: { 'test-cloud': { Site: 'CLOUD.Test.org', LocalCEType: 'InProcess' } },
    });

    job(vm, 1).queue();
    await untilPilot(vm, { activity: 'busy', payloads: value(1), payloadsStarted: 1 });
    const [known] = await receiver.vms();
    await receiver.order(known?.vmId ?? '', 'drain', 'kernel update');
    await untilPilot(vm, { activity: 'draining', payloads: value(1) });
    await vm.until('its stop file', () =>
      existsSync(join(seen.cwd, 'control/WorkloadManagement/JobAgent/stop_agent'))
        ? true
        : undefined,
    );
    job(vm, 2).queue();
    job(vm, 1).end();
    expect(await vm.until('power-off', vm.poweredOff)).toBe('receiver: drained: kernel update');
    const output = await vm.pilotOutput();
    expect(output).toMatch(/^pilotage: \S+\/none: has no pilot\.tar$/m);
    expect(output).toMatch(/^pilotage: \S+\/bad: pilot\.tar has another SHA-512$/m);
    expect(output.match(/Submitting JobWrapper/g)).toHaveLength(1);
    expect(output).toContain('Job being submitted (DIRAC JobID: 1;');
    expect(output).toContain('Found StopAgent file');
  });

  test('from a folder, by single files; it goes on where a drain is taken back in mid-job', async () => {
    const { receiver, start, folder } = await createDiracBed();
    // The VM's own /cvmfs.
    publishDiracPilot(join(folder, 'vm/cvmfs/dirac.test.org/pilot'));
    const vm = await start({
      pilots: {
        ...PILOT,
        from: ['/cvmfs/none.test.org/pilot', '/cvmfs/dirac.test.org/pilot'],
        ...{ files: ['dirac-pilot.py', 'pilotTools.py'], published: false },
        configurationServers: ['dips://ours:9135/Configuration/Server'],
      },
    });
    await untilPilot(vm, { activity: 'idle' });
    const seen = await seenBy(vm, 1);
    expect(seen.files.filter(name => name !== '__pycache__')).toEqual([
      ...['dirac-pilot.py', 'pilot.json', 'pilotTools.py'],
    ]);
    expect(seen.json).not.toHaveProperty('timestamp');
    expect(seen.json).toMatchObject({
      ConfigurationServers: ['dips://ours:9135/Configuration/Server'],
    });

    job(vm, 1).queue();
    await untilPilot(vm, { activity: 'busy' });
    const [known] = await receiver.vms();
    const stop = join(seen.cwd, 'control/WorkloadManagement/JobAgent/stop_agent');
    await receiver.order(known?.vmId ?? '', 'drain', 'perhaps');
    await vm.until('its stop file', () => (existsSync(stop) ? true : undefined));
    const [node, main] = AGENT;
    execFileSync(node, [main, 'undrain', '--root', vm.root]);
    await vm.until('no stop file', () => (existsSync(stop) ? undefined : true));
    job(vm, 1).end();
    await untilPilot(vm, { activity: 'idle', payloads: value(0), payloadsStarted: 1 });
    job(vm, 2).queue();
    await untilPilot(vm, { activity: 'busy', payloads: value(1), payloadsStarted: 2 });
  });

  test('that finds no work rests, and its next run leaves nothing of the first', async () => {
    const { start, at } = await createDiracBed();
    const vm = await start({
      pilots: {
        ...{ ...PILOT, from: [at('good')], pilotJson: { Play: 'empty' } },
        backoff: { first: '500ms', most: '500ms' },
      },
    });
    await untilPilot(vm, {
      lastOutcome: 'nothing-to-do',
      lastVac: 300,
      lastExit: 'exit 0: no more work',
    });
    // As a payload may leave it.
    mkdirSync(join(vm.root, HOME, 'dirac-1/a/b'), { recursive: true, mode: 0o700 });
    await seenBy(vm, 2);
    expect(readdirSync(join(vm.root, HOME)).filter(name => name.startsWith('dirac-'))).toEqual([
      expect.stringMatching(/^dirac-[2-9]$/),
    ]);
  });

  test('is known to an agent that comes later: its job, and those before', async () => {
    const { start, at } = await createDiracBed();
    const vm = await start({ pilots: { ...PILOT, from: [at('good')] } });
    await untilPilot(vm, { activity: 'idle' });
    job(vm, 1).queue();
    await untilPilot(vm, { activity: 'busy' });
    job(vm, 1).end();
    await untilPilot(vm, { activity: 'idle', payloadsStarted: 1 });
    process.kill(vm.agent.pid, 'SIGKILL');
    await vm.until('its end', () => vm.agent.ended());
    job(vm, 2).queue();
    const { pid } = await vm.restart();
    await vm.until('the next agent', async () => (await vm.status())?.pid === pid || undefined);
    await untilPilot(vm, {
      activity: 'busy',
      generation: 1,
      payloads: value(1),
      payloadsStarted: 2,
    });
  });

  test('that is idle for long goes between two looks for a job, and not by a signal', async () => {
    const { start, at } = await createDiracBed();
    const vm = await start({
      pilots: {
        ...PILOT,
        from: [at('good')],
        idleEnd: '500ms',
        backoff: { first: '1h', most: '1h' },
      },
    });
    await untilPilot(vm, { lastOutcome: 'nothing-to-do', lastExit: 'exit 0: no more work' });
    expect(await vm.pilotOutput()).toMatch(/Found StopAgent file .*\n.*Stopping agent module/);
  });

  test.each([
    ['InstallDIRAC', 'site-problem', 600, 'exit 3: problem with the pilot or its service'],
    ['CheckWorkerNode', 'bad-node', 500, 'exit 3: problem with the environment or the VM'],
  ])('that fails in %s: %s', async (play, lastOutcome, lastVac, lastExit) => {
    const { start, at } = await createDiracBed();
    const vm = await start({ pilots: { ...PILOT, from: [at('good')], pilotJson: { Play: play } } });
    await untilPilot(vm, { lastOutcome, lastVac, lastExit });
  });

  test('that no location has: a problem of the site, and said in its log', async () => {
    const { start, at, bad } = await createDiracBed();
    writeFileSync(join(bad, 'pilot.tar'), 'no archive');
    publishHashes(bad);
    const vm = await start({ pilots: { ...PILOT, from: [at('none'), at('bad')] } });
    await untilPilot(vm, { lastOutcome: 'site-problem', lastVac: 600 });
    const output = await vm.pilotOutput();
    expect(output).toMatch(/^pilotage: \S+\/bad: file could not be opened successfully/m);
    expect(output).toMatch(/^pilotage: 600 no location has DIRAC's pilot$/m);
  });
});
