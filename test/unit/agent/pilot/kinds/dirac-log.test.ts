import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../../../agent/pilot/answer.ts';
import { followDiracLog } from '../../../../../agent/pilot/kinds/dirac-log.ts';
import { measured, NO_DATA } from '../../../../../agent/reading.ts';

const pilot = (command: string, text: string, level = 'INFO'): string =>
  `2025-07-30T08:17:40.000100Z ${level} [${command}] ${text}`;
const job = (text: string, level = 'INFO'): string =>
  `2025-07-30T08:17:48,522321Z WorkloadManagement/JobAgent/WorkloadManagement/JobAgent ${level}: ${text}`;
const pool = (text: string, level = 'INFO'): string =>
  `2025-07-30T08:17:48,522321Z WorkloadManagement/JobAgent/Pool ${level}: ${text}`;

const CYCLE = job('Starting cycle for module WorkloadManagement/JobAgent', 'NOTICE');
const RECEIVED = job('Received JobID=7, JobType=User, Owner=ann, JobGroup=vo_user');
const begun = (ce: string): string => job(`Submitting JobWrapper Wrapper_7 to ${ce}CE`);
const SUBMITTED = job('Job being submitted (DIRAC JobID: 7; Task ID: 0)');
const NO_MATCH = job('Job request OK, but no match found : No match found', 'NOTICE');
const stops = (why: string): string =>
  job(`JobAgent will stop with message "${why}", execution complete.`);

const READY = [
  pilot('Pilot', 'Command LaunchAgent instantiated from pilotCommands'),
  pilot('LaunchAgent', 'Starting JobAgent'),
];
const single = (...lines: string[]): Answer => followDiracLog(false)(undefined, lines);
const several = (...lines: string[]): Answer => followDiracLog(true)(undefined, lines);

describe("a DIRAC pilot's log", () => {
  test('tells which job it runs, where there is one at a time', () => {
    const lines = [...READY, CYCLE, RECEIVED, begun('InProcess')];
    expect(single(...READY).jobs).toBeUndefined();
    expect(single(...lines).jobs).toEqual(['7']);
    expect(single(...lines, SUBMITTED).jobs).toEqual([]);
    expect(several(...READY, CYCLE, RECEIVED, begun('Pool')).jobs).toBeUndefined();
  });

  test.each<[string, string[], Partial<Answer>]>([
    ['is silent', [], { ready: false, payloads: NO_DATA }],
    ['begins', ["pilotage: DIRAC's pilot is from /cvmfs/x"], { ready: false, payloads: NO_DATA }],
    [
      'installs',
      [pilot('Pilot', 'Command InstallDIRAC instantiated from pilotCommands')],
      { ready: false, payloads: NO_DATA, said: 'InstallDIRAC' },
    ],
    ['starts its JobAgent', READY, { ready: true, payloads: NO_DATA, said: 'JobAgent' }],
    [
      'looks for a job',
      [...READY, CYCLE],
      { ready: true, payloads: measured(0), payloadsStarted: 0 },
    ],
    [
      'finds none',
      [...READY, CYCLE, NO_MATCH],
      { payloads: measured(0), payloadsStarted: 0, said: '300 no match found' },
    ],
    [
      'stops for want of one',
      [...READY, CYCLE, NO_MATCH, stops('Nothing to do for more than 10 cycles')],
      { draining: true, said: '300 Nothing to do for more than 10 cycles' },
    ],
    [
      'is told to stop',
      [...READY, CYCLE, job('Found StopAgent file for agent WorkloadManagement/JobAgent')],
      { draining: true, said: '100 told to stop' },
    ],
    [
      'has no disk',
      [
        pilot('Pilot', 'Command CheckWorkerNode instantiated from pilotCommands'),
        pilot(
          'CheckWorkerNode',
          '20 MB < 2560 MB, not enough local disk space available, exiting',
          'ERROR',
        ),
      ],
      { said: '500 20 MB < 2560 MB, not enough local disk space available, exiting' },
    ],
    [
      'lacks a command',
      [pilot('Pilot', 'Command Brew could not be instantiated', 'ERROR')],
      { said: '600 Command Brew could not be instantiated' },
    ],
    [
      'has no files',
      ["pilotage: 600 no location has DIRAC's pilot"],
      { said: "600 no location has DIRAC's pilot" },
    ],
    [
      'is too old',
      [...READY, CYCLE, job('Pilot version mismatch 8.0.1 not in 8.0.9', 'ERROR')],
      { said: '600 Pilot version mismatch 8.0.1 not in 8.0.9' },
    ],
    [
      'is of v7r3',
      [
        '2022-03-01 10:00:00 UTC INFO [LaunchAgent] Starting JobAgent',
        '2022-03-01 10:00:09 UTC WorkloadManagement/JobAgent NOTICE: Starting cycle for module WorkloadManagement/JobAgent',
        '2022-03-01 10:00:10 UTC WorkloadManagement/JobAgent INFO: Submitting JobWrapper Wrapper_7 to InProcessCE',
      ],
      { ready: true, payloads: measured(1), payloadsStarted: 1 },
    ],
    [
      'debugs',
      [
        ...READY,
        '2025-07-30T08:17:48,522321Z WorkloadManagement/JobAgent [140737] [src/DIRAC/Core/Base/AgentModule.py:300] NOTICE: Starting cycle for module WorkloadManagement/JobAgent',
      ],
      { payloads: measured(0) },
    ],
  ])('that %s', (_, lines, answer) => {
    expect(single(...lines)).toMatchObject(answer);
  });

  test.each<[string, string[], number, number]>([
    ['one that is begun', [RECEIVED, begun('InProcess')], 1, 1],
    ['one that has ended', [RECEIVED, begun('InProcess'), SUBMITTED], 0, 1],
    [
      'one that could not be begun',
      [begun('InProcess'), job('Job submission failed 7', 'ERROR')],
      0,
      1,
    ],
    ['the second of two', [begun('InProcess'), SUBMITTED, CYCLE, begun('InProcess')], 1, 2],
    ['one whose end nobody told of', [begun('Singularity'), CYCLE], 0, 1],
    [
      'of v7r3, one that has ended',
      [begun('InProcess'), job('Job submitted (DIRAC JobID: 7; Batch ID: 0')],
      0,
      1,
    ],
  ])('counts payloads that run alone: %s', (_, lines, payloads, started) => {
    expect(single(...READY, CYCLE, ...lines)).toMatchObject({
      payloads: measured(payloads),
      payloadsStarted: started,
    });
  });

  test.each<[string, string[], number, number]>([
    ['two', [begun('Pool'), SUBMITTED, CYCLE, begun('Pool'), SUBMITTED], 2, 2],
    [
      'one of two has ended',
      [
        begun('Pool'),
        begun('Pool'),
        pool('Task finished successfully: 0; 1 processor(s) and 2000MB freed'),
      ],
      1,
      2,
    ],
    [
      'of v7r3',
      [
        begun('Pool'),
        begun('Pool'),
        pool(
          'Task <Future at 0x7f state=finished returned dict> finished successfully, 1 processor(s) freed',
        ),
      ],
      1,
      2,
    ],
    [
      'one failed',
      [
        begun('Pool'),
        pool('Task failed submission: 0; message: boom', 'ERROR'),
        job('Job submission failed 7', 'ERROR'),
        job('Error in DIRAC JobWrapper or inner CE execution: boom', 'ERROR'),
      ],
      0,
      1,
    ],
    [
      'one was refused',
      [
        begun('Pool'),
        SUBMITTED,
        begun('Pool'),
        SUBMITTED,
        job('Job submission failed 8', 'ERROR'),
        job(
          'Error in DIRAC JobWrapper or inner CE execution: Not enough processors for the job',
          'ERROR',
        ),
      ],
      1,
      2,
    ],
    ['the pool says how many', [begun('Pool'), job('No available slots : 4 running jobs')], 4, 1],
    [
      'more ends than beginnings',
      [pool('Task finished successfully: 0; 1 processor(s) and 0MB freed')],
      0,
      0,
    ],
  ])('counts payloads of a pool: %s', (_, lines, payloads, started) => {
    expect(several(...READY, CYCLE, ...lines)).toMatchObject({
      payloads: measured(payloads),
      payloadsStarted: started,
    });
  });

  test.each([
    ['No more time left', '200'],
    ['Filling Mode is Disabled', '200'],
    ['Nothing to do for more than 10 cycles', '300'],
    ['Node is being drained by an operator', 'no-restart:'],
    ['CE Not Available', '600'],
    ['Matcher Failed', '600'],
    ['JDL Problem', '600'],
    ['Payload Proxy Not Found', '600'],
    ['Job Rescheduled', '600'],
    ['Problem Rescheduling Job', '600'],
    ['Error during the submission process', '600'],
    ['Payload execution failed with error code 1', '700'],
    ['Error during a payload execution', '700'],
    ['something new', '700'],
  ])('that stops with "%s" says %s', (why, number) => {
    expect(single(...READY, CYCLE, stops(why)).said).toBe(`${number} ${why}`);
  });

  test.each([
    '2025-07-30T08:17:48,522321Z None/[7]JobWrapper INFO: Submitting JobWrapper Wrapper_8 to InProcessCE',
    'Submitting JobWrapper Wrapper_8 to InProcessCE',
    ` ${begun('InProcess')}`,
    `payload: ${begun('InProcess')}`,
  ])('takes nothing from others: %s', line => {
    expect(single(...READY, CYCLE, line)).toEqual(single(...READY, CYCLE));
  });

  const someLine = fc.oneof(
    fc.constantFrom(CYCLE, RECEIVED, begun('Pool'), SUBMITTED, NO_MATCH, ...READY, stops('x')),
    fc.constantFrom(pool('Task finished successfully: 0; 1 processor(s)'), 'pilotage: 500 x'),
    fc.string(),
  );

  test('means the same however it is cut', () => {
    const cut = fc
      .array(someLine, { maxLength: 30 })
      .chain(lines =>
        fc.tuple(fc.constant(lines), fc.integer({ min: 0, max: lines.length }), fc.boolean()),
      );
    fc.assert(
      fc.property(cut, ([lines, at, isPool]) => {
        const next = followDiracLog(isPool);
        const whole = next(undefined, lines);
        expect(next(next(undefined, lines.slice(0, at)), lines.slice(at))).toEqual(whole);
      }),
    );
  });

  test('has never fewer payloads than none, nor more than were begun', () => {
    fc.assert(
      fc.property(fc.array(someLine, { maxLength: 40 }), fc.boolean(), (lines, isPool) => {
        const {
          payloads,
          payloadsStarted = 0,
          said = '',
        } = followDiracLog(isPool)(undefined, lines);
        expect(said.length).toBeLessThanOrEqual(200);
        if (!payloads.ok) return;
        expect(payloads.value).toBeGreaterThanOrEqual(0);
        expect(payloads.value).toBeLessThanOrEqual(payloadsStarted);
      }),
    );
  });
});
