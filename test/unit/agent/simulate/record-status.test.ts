import { describe, expect, test } from 'vitest';
import type { Status } from '../../../../agent/monitor/status.ts';
import { FAILED, measured, NO_DATA } from '../../../../agent/reading.ts';
import { parseTrace } from '../../../../agent/simulate/parse-trace.ts';
import { createRecorder } from '../../../../agent/simulate/record-status.ts';

const statusAt = (ms: number, more: Partial<Status> = {}): Status => ({
  schemaVersion: 1,
  at: { bootId: 'b', monotonicMs: 5000 + ms, wallMs: ms },
  ...{ agentVersion: '1.2.3', pid: 7, units: 'systemd', instanceId: 'i-1', phase: 'running' },
  ...{ reason: '', load: measured(0.5), cpuCores: measured(0.4), payloads: NO_DATA },
  ...{ uptimeMs: 60_000 + ms, verdicts: [], turns: [], ticks: 1 },
  pilots: [
    {
      slot: '00',
      generation: 2,
      state: 'running',
      activity: 'busy',
      cores: 4,
      payloads: measured(1),
    },
    { slot: '01', generation: 3, state: 'waiting', cores: 4, lastExit: 'exit 3: a problem' },
    { slot: '02', generation: 0, state: 'waiting', cores: 4 },
  ],
  ...more,
});

describe('what is recorded', () => {
  test('is a trace of what the status tells', () => {
    const recorder = createRecorder();
    const status = statusAt(0, {
      gpus: FAILED,
      readings: { networkBytesPerS: 1200, cvmfs: 'no-data' },
      credentials: [{ name: 'proxy', leftMs: 3_600_000 }],
      receiver: { url: 'https://r', acknowledgedHeartbeats: 2 },
    });
    const text = recorder
      .begin(status)
      .map(line => JSON.stringify(line))
      .join('\n');
    const { head, lines } = parseTrace('t.json', text);
    expect(head).toMatchObject({
      about: 'seen by the agent of i-1, version 1.2.3',
      ageMs: 60_000,
      slots: [{ name: '00', cores: 4 }, { name: '01' }, { name: '02' }],
    });
    expect(lines).toEqual([
      {
        atMs: 0,
        readings: {
          ...{ load: 0.5, cpuCores: 0.4, payloads: 'no-data', gpus: 'failed' },
          ...{ networkBytesPerS: 1200, cvmfs: 'no-data' },
        },
        pilots: [
          { slot: '00', generation: 2, state: 'running', payloads: 1 },
          { slot: '01', generation: 3, state: 'ended', exitCode: 3 },
        ],
        credentials: [{ name: 'proxy', leftMs: 3_600_000 }],
        receiver: 'heard',
        orders: [],
      },
    ]);
  });

  test('is what has changed, and nothing twice', () => {
    const recorder = createRecorder();
    const credentials = (leftMs: number) => [{ name: 'proxy', leftMs }];
    recorder.begin(statusAt(0, { credentials: credentials(3_600_000) }));
    const older = { credentials: credentials(3_590_000) };
    expect(recorder.next(statusAt(0, older))).toBeUndefined();
    expect(recorder.next(statusAt(10_000, older))).toBeUndefined();
    expect(recorder.next(statusAt(20_000, { ...older, load: FAILED }))).toEqual({
      atMs: 20_000,
      readings: { load: 'failed' },
      credentials: [{ name: 'proxy', leftMs: 3_590_000 }],
    });
    expect(recorder.end()).toBeUndefined();
    expect(
      recorder.next(statusAt(30_000, { load: FAILED, credentials: credentials(3_580_000) })),
    ).toBeUndefined();
    expect(recorder.end()).toEqual({ atMs: 30_000 });
  });

  test.each([
    ['another agent', 20_000, { pid: 8 }],
    ['one that hung', 20 * 60_000, {}],
  ])('says where nobody looked: %s', (_what, ms, more) => {
    const recorder = createRecorder();
    recorder.begin(statusAt(0));
    expect(recorder.next(statusAt(ms, more))).toEqual({ atMs: ms, unseen: true });
  });
});
