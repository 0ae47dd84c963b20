import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pilots } from '../../../../agent/cli/pilots.ts';
import { describePilots } from '../../../../agent/monitor/pilot-status.ts';
import { type Status, writeStatus } from '../../../../agent/monitor/status.ts';
import { PATHS } from '../../../../agent/paths.ts';
import type { SlotState } from '../../../../agent/pilot/slot-state.ts';
import type { Slot } from '../../../../agent/pilot/slots.ts';
import { measured, NO_DATA } from '../../../../agent/reading.ts';
import { createFiles } from '../../../../platform/files.ts';
import { at, RUNNING, running, T0 } from '../pilot/slot-looks.ts';

const BACKING_OFF: SlotState = {
  state: 'waiting',
  generation: 4,
  since: T0,
  failures: 0,
  idles: 1,
  notBefore: at(90_000),
  outcome: 'nothing-to-do',
  lastExit: 'exit 0: no more work',
};
const RUN_AGAIN: SlotState = { ...RUNNING, outcome: 'transient', lastExit: 'exit 3' };
const STATE = { slots: { '00': RUN_AGAIN, '01': BACKING_OFF } };
const planned = ['00', '01'].map(name => ({
  ...{ name, cores: 2, memoryMb: 3800, user: `plt${name}` },
}));
const seen = {
  sightings: [{ ...running(1), tasks: 7 }],
  cpuCores: new Map([['00-1', measured(1.25)]]),
  answers: new Map([['00-1', { payloads: measured(2), payloadsStarted: 5 }]]),
};

const publish = async (slots: readonly Slot[] = planned): Promise<string> => {
  const root = mkdtempSync(join(tmpdir(), 'pilotage-pilots-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const files = createFiles(root, false);
  await files.makeDirectory(PATHS.run, { mode: 0o755 });
  const status: Status = {
    ...{ schemaVersion: 1, at: T0, agentVersion: '0', pid: 1, units: 'fake', instanceId: 'i-1' },
    ...{ phase: 'running', reason: '', verdicts: [], turns: [], ticks: 1 },
    ...{ load: NO_DATA, cpuCores: NO_DATA, payloads: measured(2) },
    pilots: describePilots({
      state: STATE,
      planned: slots,
      seen,
      now: at(60_000),
      killGrace: 60_000,
    }),
  };
  await writeStatus(files, status);
  return root;
};

const output = async (root: string, json = false): Promise<string> => {
  let text = '';
  const out = (more: string) => {
    text += more;
  };
  const signal = new AbortController().signal;
  expect(await pilots({ root, json }, { out, err: out, signal })).toBe(0);
  return text;
};

test('one line a slot: what it does, what it has and how its last pilot ended', async () => {
  const lines = (await output(await publish())).split('\n').map(line => line.split(/ {2,}/));
  expect(lines.slice(0, 3)).toEqual([
    [
      ...['SLOT', 'RUN', 'STATE', 'FOR', 'CORES', 'MEMORY', 'USER', 'USES', 'TASKS'],
      ...['PAYLOADS', 'STARTED', 'IDLE FOR', 'NEXT START', 'LAST END'],
    ],
    [
      ...['00', '1', 'busy', '1m', '2', '3800 MB', 'plt00', '1.25', '7', '2', '5', '-', '-'],
      'exit 3 (700 transient problem)',
    ],
    [
      ...['01', '4', 'waiting', '-', '2', '3800 MB', 'plt01', '-', '-', '-', '-', '-', 'in 30s'],
      'exit 0 (300 no more work)',
    ],
  ]);
});

test('the same as JSON', async () => {
  expect(JSON.parse(await output(await publish(), true))).toMatchObject({
    phase: 'running',
    units: 'fake',
    pilots: [
      {
        ...{ slot: '00', generation: 1, state: 'running', activity: 'busy', runningMs: 60_000 },
        ...{ payloads: { ok: true, value: 2 }, payloadsStarted: 5, tasks: 7, lastVac: 700 },
        ...{ cores: 2, memoryMb: 3800, user: 'plt00', lastOutcome: 'transient' },
      },
      { slot: '01', activity: 'waiting', nextStartMs: 30_000, lastVac: 300 },
    ],
  });
});

test('where no agent has run it says so, with the remedy', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pilotage-pilots-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  await expect(output(root)).rejects.toMatchObject({
    code: 'not-running',
    message: expect.stringContaining('remedy: systemctl start pilotage-agent'),
  });
});

test('on a machine with GPUs, those of each slot', async () => {
  const gpu = { vendor: 'nvidia' as const, uuid: 'GPU-1', model: 'T4', devices: [] };
  const withGpus = planned.map((slot, index) => ({ ...slot, gpus: index === 0 ? [gpu] : [] }));
  const root = await publish(withGpus);
  expect((await output(root)).split('\n').slice(1, 3)).toEqual([
    expect.stringContaining('2 + 1 GPU  3800 MB'),
    expect.stringContaining('2          3800 MB'),
  ]);
  expect(JSON.parse(await output(root, true))).toMatchObject({
    pilots: [{ gpus: ['GPU-1'] }, { gpus: [] }],
  });
});
