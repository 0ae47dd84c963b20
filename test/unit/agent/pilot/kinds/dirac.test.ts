import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../../../agent/pilot/answer.ts';
import { diracKind } from '../../../../../agent/pilot/kinds/dirac.ts';
import type { TellStep } from '../../../../../agent/pilot/kinds/kind.ts';
import type { Outcome } from '../../../../../agent/pilot/outcome.ts';
import { parseExit } from '../../../../../agent/pilot/unit/unit.ts';
import { measured, NO_DATA } from '../../../../../agent/reading.ts';
import { runOf } from './runs.ts';

const REQUIRED = { from: ['https://dirac.example.org/pilot'], site: 'CLOUD.Ex.org', ce: 'ex' };
const dirac = (pilots: object = {}, rest: object = {}) =>
  runOf('dirac', { ...REQUIRED, ...pilots }, rest);
type DiracRun = ReturnType<typeof dirac>;

const fileOf = (run: DiracRun, name: string): unknown => {
  const { files } = diracKind.launch(run);
  const { content } = files.find(({ path }) => path.endsWith(`/${name}`)) ?? {};
  return typeof content === 'string' ? JSON.parse(content) : undefined;
};
const commandOf = (run: DiracRun): string[] =>
  (fileOf(run, 'start.json') as { command: string[] }).command;

describe('what a DIRAC pilot is started with', () => {
  test('the pilot by its slot’s user, out of a folder of this run', () => {
    const run = dirac();
    const { user, command, files } = diracKind.launch(run);
    expect(user).toBe('pilot');
    expect(command).toEqual([
      ...['/usr/bin/python3', '-u'],
      ...['/run/pilotage/pilots/00-1/start.py', '/run/pilotage/pilots/00-1/start.json'],
    ]);
    expect(files.map(({ path, owner }) => [path, owner])).toEqual(
      ['start.py', 'start.json', 'pilot.json'].map(name => [
        `/run/pilotage/pilots/00-1/${name}`,
        'pilot',
      ]),
    );
    expect(fileOf(run, 'start.json')).toMatchObject({
      from: ['https://dirac.example.org/pilot'],
      files: ['pilot.tar'],
      published: true,
      authorities: null,
      home: '/scratch/plt00',
      work: '/scratch/plt00/dirac-1',
    });
  });

  test('arguments that say where it is, how many cores it has, and who it is', () => {
    expect(commandOf(dirac({ vo: 'vo.example.org' }))).toEqual([
      ...['/usr/bin/python3', 'dirac-pilot.py', '--Name=ex', '--name=CLOUD.Ex.org'],
      ...['--Queue=default', '--gridCEType=Cloud', '--CEType=Pool', '--pilotProcessors=4'],
      ...[expect.stringMatching(/^--pilotUUID=[0-9a-f]{32}$/), '--wnVO=vo.example.org'],
      ...['-o', '/Resources/Computing/CEDefaults/NumberOfProcessors=4'],
      ...['-o', '/Resources/Computing/CEDefaults/MaxRAM=3800'],
    ]);
  });

  test('the context’s own tags, options and arguments, these last', () => {
    const command = commandOf(
      dirac({
        ...{ requiredTags: ['a', 'b'], tags: ['c'] },
        options: { '/LocalSite/SubmitPool': 'p', '/Resources/Computing/CEDefaults/MaxRAM': '9' },
        arguments: ['--MaxCycles=10'],
      }),
    );
    expect(command.slice(-10)).toEqual([
      ...['--requiredTag=a', '--requiredTag=b', '--tag=c'],
      ...['-o', '/Resources/Computing/CEDefaults/NumberOfProcessors=4'],
      ...['-o', '/Resources/Computing/CEDefaults/MaxRAM=9', '-o', '/LocalSite/SubmitPool=p'],
      '--MaxCycles=10',
    ]);
  });

  test.each([
    [{}, 'Pool'],
    [{ slots: 'fixed', coresPerSlot: 2 }, 'Pool'],
    [{ slots: 'per-core' }, 'InProcess'],
    [{ slots: 'whole-node' }, 'InProcess'],
    [{ localCeType: 'Pool/Singularity' }, 'Pool/Singularity'],
  ])('payloads at once where its slot can be shared: %j: %s', (pilots, localCe) => {
    expect(commandOf(dirac(pilots))).toContain(`--CEType=${localCe}`);
  });

  test('its GPUs', () => {
    const run = dirac();
    const gpu = { vendor: 'nvidia' as const, uuid: 'GPU-1', model: 'a', devices: [] };
    const withGpus = { ...run, slot: { ...run.slot, gpus: [gpu, gpu] } };
    expect(commandOf(withGpus)).toContain('/Resources/Computing/CEDefaults/NumberOfGPUs=2');
  });

  test('names of its own, the same in both of its words', () => {
    const first = dirac();
    const second = { ...first, unit: { slot: '00', generation: 2 } };
    const other = { ...first, vm: { ...first.vm, name: 'i-0b' } };
    expect(diracKind.launch(first).environment).toMatchObject({
      PILOT_UUID: 'cloud://i-0a-b/00-1',
      DIRAC_PILOT_STAMP: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const stamps = [first, second, other].map(
      run => diracKind.launch(run).environment.DIRAC_PILOT_STAMP,
    );
    expect(new Set(stamps).size).toBe(3);
    expect(commandOf(first)).toContain(`--pilotUUID=${stamps[0]}`);
  });

  test('a pilot.json of the least', () => {
    expect(fileOf(dirac(), 'pilot.json')).toEqual({
      CEs: { ex: { Site: 'CLOUD.Ex.org', GridCEType: 'Cloud', LocalCEType: 'Pool' } },
    });
  });

  test('a pilot.json with commands as Pilot 3 splits them, and what the community adds', () => {
    const run = dirac({
      ...{
        configurationServers: ['dips://a:9135/Configuration/Server', 'https://b'],
        setup: 'Prod',
      },
      ...{ version: 'v8.0', project: 'Ex', commands: ['CheckWorkerNode', 'Brew'] },
      commandExtensions: ['Ex'],
      pilotJson: {
        Defaults: { Pilot: { Beans: ['arabica'], Version: 'v9.0' } },
        'vo.example.org': { Pilot: { RemoteLogging: true } },
      },
    });
    expect(fileOf(run, 'pilot.json')).toEqual({
      CEs: { ex: { Site: 'CLOUD.Ex.org', GridCEType: 'Cloud', LocalCEType: 'Pool' } },
      ConfigurationServers: ['dips://a:9135/Configuration/Server', 'https://b'],
      DefaultSetup: 'Prod',
      Defaults: {
        Pilot: {
          Commands: { Cloud: 'CheckWorkerNode, Brew', Defaults: 'CheckWorkerNode, Brew' },
          CommandExtensions: 'Ex',
          Version: 'v8.0',
          Project: 'Ex',
          Beans: ['arabica'],
        },
      },
      'vo.example.org': { Pilot: { RemoteLogging: true } },
    });
    expect(commandOf(run)).toEqual(
      expect.arrayContaining([
        ...['--setup=Prod', '--release=v8.0', '--project=Ex', '--commands=CheckWorkerNode,Brew'],
        ...['--configurationServer=dips://a:9135/Configuration/Server,https://b'],
        '--commandExtensions=Ex',
      ]),
    );
  });

  test('the authorities of the context, in a file', () => {
    const ca = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n';
    const run = dirac({ ca });
    expect(diracKind.launch(run).files.at(-1)).toMatchObject({
      path: '/run/pilotage/pilots/00-1/authorities.pem',
      content: ca,
    });
    expect(fileOf(run, 'start.json')).toMatchObject({
      authorities: '/run/pilotage/pilots/00-1/authorities.pem',
    });
  });
});

describe('a DIRAC pilot is told', () => {
  const scriptOf = (steps: readonly TellStep[] = []): string[] =>
    steps.map(step =>
      step.do === 'run'
        ? `${step.command.user}: ${step.command.args.slice(1).join(' ')}`
        : step.path,
    );
  const control = '/scratch/plt00/dirac-1/control/WorkloadManagement/JobAgent';

  test('of a drain by the stop file of its own JobAgent, by its own user', () => {
    const { drain, undrain } = diracKind.tell ?? {};
    expect(scriptOf(drain?.(dirac(), { untilS: 1, reason: 'x' }))).toEqual([
      `pilot: mkdir -p "$1" && : >"$1/stop_agent" dirac ${control}`,
    ]);
    expect(scriptOf(undrain?.(dirac()))).toEqual([`pilot: rm -f "$1/stop_agent" dirac ${control}`]);
  });

  test('in no hurry', () => {
    expect(diracKind.tell?.hurryMs(dirac().pilots)).toBe(0);
    expect(diracKind.tell?.hurry(dirac(), 1)).toEqual([]);
  });
});

describe('a DIRAC pilot ends', () => {
  const OK = 'success exited 0';
  const FAILED = 'exit-code exited 1';
  const seen = (said?: string, payloadsStarted?: number): Answer => ({
    payloads: payloadsStarted === undefined ? NO_DATA : measured(0),
    ...(said === undefined ? {} : { said }),
    ...(payloadsStarted === undefined ? {} : { payloadsStarted }),
  });
  test.each<[string, Answer | undefined, Outcome]>([
    [OK, undefined, 'work-done'],
    [OK, seen('JobAgent', 3), 'work-done'],
    [OK, seen('JobAgent', 0), 'nothing-to-do'],
    [OK, seen('300 Nothing to do for more than 10 cycles', 0), 'nothing-to-do'],
    [OK, seen('300 Nothing to do for more than 10 cycles', 2), 'work-done'],
    [OK, seen('200 No more time left', 1), 'work-done'],
    [OK, seen('100 told to stop', 0), 'work-done'],
    [OK, seen('no-restart: Node is being drained by an operator', 0), 'no-restart'],
    [OK, seen('600 Job Rescheduled', 1), 'site-problem'],
    [OK, seen('700 Error during a payload execution', 1), 'transient'],
    [FAILED, seen('CheckWorkerNode'), 'bad-node'],
    [FAILED, seen('500 20 MB < 2560 MB, not enough local disk space'), 'bad-node'],
    [FAILED, seen('InstallDIRAC'), 'site-problem'],
    [FAILED, seen('ConfigureBasics'), 'site-problem'],
    [FAILED, seen('RegisterPilot'), 'site-problem'],
    [FAILED, seen('ExampleCommand'), 'transient'],
    [FAILED, seen('JobAgent', 2), 'transient'],
    [FAILED, seen("600 no location has DIRAC's pilot"), 'site-problem'],
    [FAILED, undefined, 'transient'],
    ['exit-code exited 127', undefined, 'bad-node'],
    ['signal killed 9', seen('200 No more time left', 1), 'transient'],
    ['start-failed failed -', undefined, 'transient'],
  ])('with %s, last seen as %j: %s', (exit, last, outcome) => {
    expect(diracKind.classify({ exit: parseExit(exit), ranMs: 1, last }, dirac().pilots)).toBe(
      outcome,
    );
  });
});
