import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { htcondorKind } from '../../../../../agent/pilot/kinds/htcondor.ts';
import {
  classAdValue,
  configurationText,
  environmentText,
  literal,
} from '../../../../../agent/pilot/kinds/htcondor-words.ts';
import type { TellStep } from '../../../../../agent/pilot/kinds/kind.ts';
import type { Outcome } from '../../../../../agent/pilot/outcome.ts';
import { parseExit } from '../../../../../agent/pilot/unit/unit.ts';
import { FAILED, measured, NO_DATA } from '../../../../../agent/reading.ts';
import { runOf } from './runs.ts';

const REQUIRED = { collectors: ['cm.example.org', '10.0.0.2:9618'], token: 'pool' };
const condor = (pilots: object = {}, rest: object = {}) =>
  runOf('htcondor', { ...REQUIRED, ...pilots }, rest);
const configurationOf = (run: ReturnType<typeof condor>): string =>
  String(
    htcondorKind.launch(run).files.find(({ path }) => path.endsWith('/condor_config'))?.content,
  );
const lineOf = (configuration: string, key: string): string | undefined =>
  configuration
    .split('\n')
    .find(line => line.startsWith(`${key} = `))
    ?.slice(key.length + 3);

describe('the configuration of a condor pilot', () => {
  test.each([
    ['DAEMON_LIST', 'MASTER, STARTD'],
    ['COLLECTOR_HOST', 'cm.example.org, 10.0.0.2:9618'],
    ['CCB_ADDRESS', '$(COLLECTOR_HOST)'],
    ['STARTD_NAME', 'pilot-00-1@i-0a-b'],
    ['NUM_CPUS', '4'],
    ['MEMORY', '3800'],
    ['CONDOR_IDS', '1001.1000'],
    ['SLOT1_1_USER', 'plt00p00'],
    ['SLOT1_4_USER', 'plt00p03'],
    ['SLOT1_5_USER', undefined],
    ['GLIDEIN_ToDie', '2000000000'],
    ['GLIDEIN_ToRetire', '1999978400'],
    ['MaxJobRetirementTime', '172800'],
    ['MachineMaxVacateTime', '120'],
    ['STARTD_NOCLAIM_SHUTDOWN', '1200'],
    ['SEC_CLIENT_AUTHENTICATION_METHODS', 'IDTOKENS'],
    ['START', '(time() < GLIDEIN_ToRetire)'],
    [
      'STARTER_JOB_ENVIRONMENT',
      `"PILOTAGE_UNIT='$ENV(PILOTAGE_UNIT:none)' MACHINEFEATURES='/mf' http_proxy='http://it''s:3128'"`,
    ],
  ])('says %s = %s', (key, value) => {
    expect(lineOf(configurationOf(condor()), key)).toBe(value);
  });

  test('advertises what the context says of the VM', () => {
    const configuration = configurationOf(
      condor(
        { vmType: 'big', attributes: { Gpu: false, Rate: 2.5, Motto: 'say "hi" for 5 $(X)' } },
        { identity: { site: 'MY-CLOUD', runningPod: 'a\\b' } },
      ),
    );
    expect(lineOf(configuration, 'GLIDEIN_Site')).toBe('"MY-CLOUD"');
    expect(lineOf(configuration, 'PilotageRunningPod')).toBe('"a\\\\b"');
    expect(lineOf(configuration, 'Motto')).toBe('"say \\"hi\\" for 5 $(DOLLAR)(X)"');
    expect(lineOf(configuration, 'STARTD_ATTRS')).toMatch(
      /^GLIDEIN_ToRetire, GLIDEIN_ToDie, .*VMType.*Gpu, Rate, Motto$/,
    );
  });

  test('lets only jobs start that bear every required tag', () => {
    const start = lineOf(
      configurationOf(condor({ requiredTags: ['a', 'b'], start: 'TARGET.Owner != "x"' })),
      'START',
    );
    expect(start?.split(' && ')).toEqual([
      '(time() < GLIDEIN_ToRetire)',
      'stringListMember("a", ifThenElse(isString(TARGET.Tags), TARGET.Tags, ""), ", ")',
      'stringListMember("b", ifThenElse(isString(TARGET.Tags), TARGET.Tags, ""), ", ")',
      '(TARGET.Owner != "x")',
    ]);
  });

  test('without privileges runs payloads in containers with their own process ids', () => {
    const run = condor({ mode: 'unprivileged', apptainer: { image: '/cvmfs/x.org/image' } });
    const configuration = configurationOf(run);
    expect(lineOf(configuration, 'SINGULARITY_IMAGE_EXPR')).toBe('"/cvmfs/x.org/image"');
    expect(lineOf(configuration, 'SINGULARITY_BIND_EXPR')).toBe('"/mf:/mf:ro"');
    expect(lineOf(configuration, 'SINGULARITY_USE_PID_NAMESPACES')).toBe('True');
    expect(lineOf(configuration, 'CONDOR_IDS')).toBeUndefined();
    expect(htcondorKind.launch(run).user).toBe('pilot');
    expect(run.slot.payloadUsers).toBeUndefined();
  });

  test('as root divides its unit: condor goes into a group below it, payloads into others', () => {
    const launch = htcondorKind.launch(condor());
    expect(launch.makesGroups).toBe(true);
    expect(launch.command.slice(-2)).toEqual(['/usr/sbin/condor_master', '-f']);
    // Nothing of the context is in the shell's text.
    expect(launch.command[2]).not.toContain('condor_master');
    const rootless = htcondorKind.launch(condor({ mode: 'unprivileged' }));
    expect(rootless).toMatchObject({ command: ['/usr/sbin/condor_master', '-f'] });
    expect(rootless.makesGroups).toBeUndefined();
  });

  test('keeps the token from all others, as a copy that follows its source', () => {
    const token = htcondorKind.launch(condor()).files.find(({ mode }) => mode === 0o600);
    expect(token).toEqual({
      path: '/run/pilotage/credentials/condor-00/token',
      mode: 0o600,
      owner: 'root',
      content: { copyOf: '/run/pilotage/credentials/plt00/pool' },
    });
  });

  test.each([
    { start: 'TRUE\nALLOW_ADMINISTRATOR = *' },
    { start: 'TRUE \\' },
    { start: '$(FOO)' },
    { settings: { X: '@=end' } },
    { settings: { LOCAL_CONFIG_FILE: '/x' } },
    { settings: { SEC_DEFAULT_AUTHENTICATION: 'NEVER' } },
    { settings: { 'STARTD.ALLOW_ADMINISTRATOR': '*' } },
    { attributes: { 'a b': 1 } },
    { attributes: { START: true } },
    { attributes: { A: 'a\nb' } },
    { requiredTags: ['a"'] },
    { collectors: ['cm $(X)'] },
    { vmType: 'a\u2028b\nc' },
  ])('does not come to be from %j', pilots => {
    expect(() => condor(pilots)).toThrow();
  });
});

describe('words of condor', () => {
  test('never leave their line, never expand, and never end their string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        if (/[\n\r\0]|@=/.test(text)) expect(() => literal(text)).toThrow();
        else {
          const value = String(classAdValue(text));
          expect(value).not.toMatch(/\$(?!\(DOLLAR\))/);
          expect(value).toMatch(/^"(?:[^"\\]|\\["\\])*"$/s);
          expect(configurationText([['A', value]]).split('\n')).toHaveLength(2);
        }
      }),
    );
  });

  test('of an environment double their quotes', () => {
    expect(environmentText({ A: `a "b" 'c'`, B: '' })).toBe(`"A='a ""b"" ''c''' B=''"`);
  });
});

describe('what a startd answers', () => {
  const { ask, read } = htcondorKind.question(condor());

  test('it is ready while its address is written down', () => {
    expect(read(undefined)).toEqual({ ready: false, payloads: NO_DATA });
    expect(read('<127.0.0.1:9?sock=x>\n')).toEqual({ ready: true, payloads: NO_DATA });
  });

  test.each([
    ['Partitionable Unclaimed Idle 2 0 undefined\n', [0, 2, 0, 0, false]],
    [
      'Partitionable Unclaimed Idle 0 7 undefined\nDynamic Claimed Busy 1 7 undefined\nDynamic Claimed Idle 1 7 undefined\n',
      [1, 0, 2, 7, false],
    ],
    [
      'Partitionable Drained Retiring 1 3 true\nDynamic Claimed Retiring 1 3 true\n',
      [1, 1, 1, 3, true],
    ],
    [
      'Partitionable Drained Retiring 1 3 true\nDynamic Preempting Vacating 1 3 true',
      [1, 1, 1, 3, true],
    ],
  ])('%j', (output, [payloads, idle, claimed, payloadsStarted, draining]) => {
    expect(ask?.parse(output)).toEqual({
      payloads: measured(payloads as number),
      slots: { idle, claimed },
      payloadsStarted,
      draining,
      // It has been sent jobs, so the pool knows it.
      ...(Number(claimed) + Number(payloadsStarted) > 0 ? { joined: true, said: '' } : {}),
    });
  });

  test.each([
    ['joined', { joined: true, said: '' }],
    [
      'refused cm.example.org: AUTHENTICATE:1004:Failed to authenticate using IDTOKENS',
      {
        joined: false,
        said: 'the pool refuses it: cm.example.org: AUTHENTICATE:1004:Failed to authenticate using IDTOKENS (its token may have expired, or be of another trust domain)',
      },
    ],
    [
      'silent cm.example.org: no answer',
      { joined: false, said: 'the pool does not answer: cm.example.org: no answer' },
    ],
    [
      'refused cm.example.org: SECMAN:2010:Received "DENIED" from server for user x@y.',
      {
        joined: false,
        said: 'the pool refuses it: cm.example.org: SECMAN:2010:Received "DENIED" from server for user x@y.',
      },
    ],
  ])('of the pool, if that was asked: %s', (line, told) => {
    const idle = 'Partitionable Unclaimed Idle 2 0 undefined\n';
    expect(ask?.parse(`${idle}${line}\n`)).toMatchObject({ payloads: measured(0), ...told });
    expect(ask?.parse(idle)).not.toHaveProperty('joined');
    // A pool that sends jobs knows it, whatever was said.
    const worked = 'Partitionable Unclaimed Idle 2 1 undefined\n';
    expect(ask?.parse(`${worked}${line}\n`)).toMatchObject({ joined: true, said: '' });
  });

  test('asks each collector in one shell, without a word of the context in its text', () => {
    const [, script, ...args] = ask?.command.args ?? [];
    expect(script).not.toContain('example.org');
    expect(args).toContain('cm.example.org 10.0.0.2:9618');
  });

  test.each([
    '',
    'nonsense',
    'refused cm: no answer',
    'Partitionable Unclaimed Idle x 0 undefined',
    'Dynamic Claimed Busy 1 7 undefined',
  ])('%j is no answer', output => expect(ask?.parse(output)).toEqual({ payloads: FAILED }));
});

describe('what a startd is told', () => {
  const run = condor();
  const told = (steps: readonly TellStep[] = []): string[] =>
    steps.map(step =>
      step.do === 'write'
        ? `write ${step.content.replaceAll('\n', '; ')}`
        : step.command.args.slice(4).join(' '),
    );

  test('of a drain: running jobs go on, no other starts', () => {
    expect(
      told(htcondorKind.tell?.drain(run, { untilS: 1_900_000_000, reason: 'update' })),
    ).toEqual([
      'write GLIDEIN_ToDie = 1900000000; GLIDEIN_ToRetire = 0; ',
      'condor_reconfig -addr',
      'condor_drain -graceful -exit-on-completion -reason update',
    ]);
  });

  test('of its end: the drain is cancelled, and jobs have less time than is left', () => {
    expect(told(htcondorKind.tell?.hurry(run, 120_000))).toEqual([
      'write GLIDEIN_ToRetire = 0; MaxJobRetirementTime = 0; MachineMaxVacateTime = 84; ',
      'condor_reconfig -addr',
      'condor_drain -cancel',
      'condor_drain -quick -exit-on-completion -reason deadline',
    ]);
    for (const leftMs of [0, 1000, 5000, 20_000, 600_000]) {
      const [first] = told(htcondorKind.tell?.hurry(run, leftMs));
      const vacate = Number(/MachineMaxVacateTime = (\d+)/.exec(first ?? '')?.[1]);
      expect(vacate).toBeGreaterThanOrEqual(1);
      if (leftMs > 2000) expect(vacate * 1000).toBeLessThan(leftMs);
    }
  });

  test('that it may work on', () => {
    expect(told(htcondorKind.tell?.undrain(run))).toEqual([
      'write ',
      'condor_reconfig -addr',
      'condor_drain -cancel',
    ]);
  });
});

test('an end for want of work says something else where the pool refused the pilot', () => {
  const last = { payloads: measured(0), payloadsStarted: 0, joined: false, said: 'no' };
  const end = { exit: parseExit('success exited 0'), ranMs: 1_200_000, last };
  expect(htcondorKind.classify(end, condor().pilots)).toBe('site-problem');
});

test.each<[string, number, number | undefined, Outcome]>([
  ['success exited 0', 1_200_000, 0, 'nothing-to-do'],
  ['exit-code exited 99', 1_200_000, 0, 'nothing-to-do'],
  ['exit-code exited 99', 5000, 4, 'work-done'],
  ['success exited 0', 1_300_000, undefined, 'nothing-to-do'],
  ['success exited 0', 9_000_000, undefined, 'work-done'],
  ['exit-code exited 1', 5000, undefined, 'site-problem'],
  ['exit-code exited 127', 5, undefined, 'bad-node'],
  ['signal killed KILL', 5000, 3, 'transient'],
  ['start-failed failed -', 0, undefined, 'transient'],
])('an end with %j after %i ms and %s jobs: %s', (exit, ranMs, payloadsStarted, outcome) => {
  const last =
    payloadsStarted === undefined ? undefined : { payloads: measured(0), payloadsStarted };
  expect(htcondorKind.classify({ exit: parseExit(exit), ranMs, last }, condor().pilots)).toBe(
    outcome,
  );
});
