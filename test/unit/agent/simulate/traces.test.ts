import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeReplay } from '../../../../agent/cli/describe-replay.ts';
import { parseContext } from '../../../../agent/context/parse.ts';
import type { Context } from '../../../../agent/context/schema.ts';
import { parseTrace } from '../../../../agent/simulate/parse-trace.ts';
import { type Replay, replayTrace } from '../../../../agent/simulate/replay.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/traces');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

const DEFAULTS = 'version: 1\npilots: {kind: command, command: [/bin/pilot]}\n';
const contextOf = (text: string): Context => parseContext([{ name: 'c.yaml', text }]).context;

const replay = (name: string, context = DEFAULTS): Replay =>
  replayTrace(parseTrace(name, read(name)), contextOf(context));

const becauseOf = ({ end }: Replay, name: string): string | undefined => {
  const verdict = end.verdicts.find(({ policy }) => policy === name);
  return verdict && `${verdict.action}: ${verdict.because}`;
};

/** What each trace comes to, and which policy says why. */
const OUTCOMES: Readonly<
  Record<string, { context?: string; phase: string; policy: string; because: RegExp }[]>
> = {
  'io-wait.json': [
    {
      phase: 'running',
      policy: 'zero-load',
      because: /^none: load 0\.06, but network 4000 kB\/s$/,
    },
  ],
  'dead-mount.json': [
    {
      phase: 'halting',
      policy: 'zero-load',
      because: /^halt: load 2 waits in vain .*no data moves/,
    },
    {
      context: read('cvmfs.context.yaml'),
      phase: 'failed',
      policy: 'sick-node',
      because: /^hold: a repository of CVMFS does not answer/,
    },
  ],
  'idle.json': [
    { phase: 'halting', policy: 'zero-load', because: /^halt: load 0\.03 below 0\.1 for 10m/ },
  ],
  'busy-gpu.json': [
    { phase: 'running', policy: 'zero-load', because: /^none: load 0\.04, but GPUs in use 1$/ },
  ],
  'missing-readings.json': [
    { phase: 'running', policy: 'zero-load', because: /^none: load 0, but the use of the GPUs/ },
  ],
  'spot-notice.json': [
    {
      phase: 'halting',
      policy: 'preemption',
      because: /^drain: EC2 terminates this spot instance, in/,
    },
    {
      context: `${DEFAULTS}policies: {preemption: {mode: observe}, advice: {mode: enforce}}\n`,
      phase: 'running',
      policy: 'advice',
      because: /^none: no advice is given$/,
    },
  ],
  'billing-period.json': [
    {
      context: read('billing-period.context.yaml'),
      phase: 'halting',
      policy: 'zero-load',
      because: /^halt: load 0\.02 below 0\.1 for 35m/,
    },
  ],
};

describe('of the traces', () => {
  test('each has an outcome', () => {
    const traces = readdirSync(FOLDER).filter(name => name.endsWith('.json'));
    expect(Object.keys(OUTCOMES).sort()).toEqual(traces.sort());
  });

  test.each(
    Object.entries(OUTCOMES).flatMap(([name, all]) => all.map(each => [name, each] as const)),
  )('%s comes to %j', (name, { context, phase, policy, because }) => {
    const replayed = replay(name, context);
    expect(replayed.end.phase).toBe(phase);
    expect(becauseOf(replayed, policy)).toMatch(because);
  });

  test('that of I/O wait says that nothing halts the VM, and why', () => {
    const trace = parseTrace('io-wait.json', read('io-wait.json'));
    const told = describeReplay(trace, replayTrace(trace, contextOf(DEFAULTS))).join('\n');
    expect(told).toMatch(/^In the end, after 2h and \d+ looks: no halt, running$/m);
    expect(told).toMatch(/^ {2}readings: load 0\.06, .*network 4 MB\/s/m);
    expect(told).toMatch(/^ {2}zero-load: none \(load 0\.06, but network 4000 kB\/s\)$/m);
  });
});
