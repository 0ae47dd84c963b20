import { describe, expect, test } from 'vitest';
import { catchesSignal, payloadProcesses } from '../../../../agent/errands/payload-processes.ts';
import type { ProcessFacts } from '../../../../agent/peek/process-facts.ts';
import { kindOf } from '../../../../agent/pilot/kinds/index.ts';
import { contextOf } from '../monitor/worlds.ts';

/** `pid parent name`, or a whole command. */
const processes = (...lines: readonly string[]): ProcessFacts[] =>
  lines.map(line => {
    const [, pid, parent, command = ''] = /^(\d+) (\d+) (.+)$/.exec(line) ?? [];
    return {
      ...{ pid: Number(pid), parent: Number(parent), name: command.split(' ')[0] ?? '', command },
      ...{ state: 'S', threads: 1, cpuMs: 0, startedMs: 0, residentKb: 0, uid: 1 },
    };
  });
const pidsOf = (found: readonly ProcessFacts[]): number[] =>
  found.map(({ pid }) => pid).sort((a, b) => a - b);

describe('payloads are', () => {
  const unit = processes('10 1 pilot', '11 10 sim', '12 11 helper', '13 10 tail');

  test('all below a pilot whose kind tells no more', () => {
    expect(pidsOf(payloadProcesses(unit, { hasLeader: false }))).toEqual([11, 12, 13]);
  });

  test('the pilot itself, where it is alone', () => {
    expect(pidsOf(payloadProcesses(processes('10 1 sim'), { hasLeader: false }))).toEqual([10]);
  });

  test('never the agent’s own process that leads a session', () => {
    const session = processes('10 1 sh', '11 10 pilot', '12 11 sim');
    expect(pidsOf(payloadProcesses(session, { hasLeader: true }))).toEqual([12]);
    expect(pidsOf(payloadProcesses(session.slice(0, 2), { hasLeader: true }))).toEqual([11]);
  });

  test('what runs below condor’s starters, and none of condor', () => {
    const { isRunner } = kindOf(
      contextOf({
        pilots: { kind: 'htcondor', collectors: ['cm.example.org'], token: 't' },
        credentials: [{ name: 't', content: 'x' }],
      }).pilots ?? never(),
    );
    const pool = processes(
      ...['10 1 condor_master', '11 10 condor_procd', '12 10 condor_startd'],
      ...['13 12 condor_starter', '14 13 job', '15 14 child', '16 12 condor_starter'],
    );
    expect(pidsOf(payloadProcesses(pool, { isRunner, hasLeader: false }))).toEqual([14, 15]);
    expect(payloadProcesses(pool.slice(0, 4), { isRunner, hasLeader: false })).toEqual([]);
  });

  test('found in a ring of parents too, seen while they change', () => {
    const ring = processes('10 1 pilot', '11 10 a', '12 11 b', '11 12 a');
    expect(pidsOf(payloadProcesses(ring, { hasLeader: false }))).toContain(12);
  });
});

const never = (): never => {
  throw new Error('the context has no pilots');
};

describe('a handler for a signal', () => {
  const status = 'Name:\tsim\nSigIgn:\t0000000000001000\nSigCgt:\t0000000000010202\nCapInh:\t0\n';
  test.each([
    [10, true],
    [2, true],
    [17, true],
    [1, false],
    [12, false],
    [64, false],
  ])('for %i: %s', (number, catches) => {
    expect(catchesSignal(status, number)).toBe(catches);
  });

  test('is none of what cannot be understood', () => {
    expect(catchesSignal('', 10)).toBe(false);
    expect(catchesSignal('SigCgt:\tffffffffffffffffffff\n', 10)).toBe(false);
  });
});
