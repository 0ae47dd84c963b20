import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createManualClock } from '../../support/manual-clock.ts';
import {
  createAsker,
  createTestFolder,
  enrolVm,
  heartbeat,
  startReceiver,
} from '../../support/receiver-under-test.ts';

const MAIN = join(import.meta.dirname, '../../../receiver/main.ts');
const TOKEN = 'operator-token-of-this-test';
const SECRET = 'enrolment-secret-of-this-test';

/** `serve` as a process of its own, on the files of a folder; resolves once it listens. */
const spawnReceiver = async (folder: string): Promise<{ child: ChildProcess; address: string }> => {
  writeFileSync(join(folder, 'secret'), SECRET, { mode: 0o600 });
  writeFileSync(join(folder, 'token'), TOKEN, { mode: 0o600 });
  const files = {
    database: 'fleet.db',
    'enrolment-secret-file': 'secret',
    'operator-token-file': 'token',
  };
  const args = Object.entries(files).map(([name, file]) => `--${name}=${join(folder, file)}`);
  const child = spawn(process.execPath, [MAIN, 'serve', '--listen=127.0.0.1:0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, address } = JSON.parse(line);
    if (msg === 'listening') {
      child.stdout.resume();
      return { child, address };
    }
  }
  throw new Error('the receiver ended before it listened');
};

const ended = (child: ChildProcess) =>
  new Promise<string>(resolve =>
    child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`)),
  );

describe('a receiver that was stopped and started again', () => {
  it('knows VMs, tokens, directives and logs', async () => {
    const folder = createTestFolder();
    const clock = createManualClock();
    const first = await startReceiver({ folder, clock });
    const vm = await first.enrol('wn1');
    await vm.beat({ state: 'running', logs: [{ source: 'agent', fromByte: 0, text: 'hello\n' }] });
    const { id } = (
      await first.operator('POST', '/v1/vms/wn1/directives', { kind: 'drain', deadlineMs: 60_000 })
    ).body;
    const before = (await first.operator('GET', '/v1/vms/wn1')).body;
    await first.stop();

    const second = await startReceiver({ folder, clock });
    expect((await second.operator('GET', '/v1/vms/wn1')).body).toEqual(before);
    const logs = await second.operator('GET', '/v1/vms/wn1/logs?source=agent');
    expect(logs.body.text).toBe('hello\n');
    await clock.advance(10_000);
    const { body } = await second.ask('POST', '/v1/heartbeat', {
      token: vm.token,
      body: heartbeat(2),
    });
    expect(body.directives).toMatchObject([{ id, kind: 'drain', deadlineMs: 50_000 }]);
  });

  it('answers what had begun before it stops', async () => {
    const receiver = await startReceiver();
    const vm = await receiver.enrol('wn1');
    const beats = Array.from({ length: 30 }, (_, n) => vm.beat({ sequence: n + 1 }));
    await Promise.all(beats.slice(0, 5));
    await receiver.stop();
    const results = await Promise.allSettled(beats);
    expect(results.slice(0, 5).every(({ status }) => status === 'fulfilled')).toBe(true);
  });
});

describe('the process', () => {
  it('ends well on SIGTERM and on SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { child } = await spawnReceiver(createTestFolder());
      const end = ended(child);
      child.kill(signal);
      expect(await end).toBe('exit 0');
    }
  });

  it('has every heartbeat that it acknowledged, killed under load again and again', async () => {
    const folder = createTestFolder();
    const acknowledged = new Map<string, { token: string; sequences: number[] }>();
    for (let kill = 0; kill < 3; kill += 1) {
      const { child, address } = await spawnReceiver(folder);
      const end = ended(child);
      let total = 0;
      const speak = async (name: string) => {
        const ask = createAsker(address);
        const vm = await enrolVm(ask, SECRET, name);
        const sequences: number[] = [];
        acknowledged.set(vm.vmId, { token: vm.token, sequences });
        for (let sequence = 1; ; sequence += 1) {
          await vm.beat({ sequence });
          sequences.push(sequence);
          total += 1;
          if (total === 300 + kill * 37) child.kill('SIGKILL');
        }
      };
      const speakers = Array.from({ length: 8 }, (_, n) => speak(`wn-${kill}-${n}`));
      const results = await Promise.allSettled(speakers);
      expect(results.every(({ status }) => status === 'rejected')).toBe(true);
      expect(await end).toBe('SIGKILL');
    }
    const { address } = await spawnReceiver(folder);
    const ask = createAsker(address);
    let checked = 0;
    for (const [vmId, { sequences }] of acknowledged) {
      const { body } = await ask('GET', `/v1/vms/${vmId}/history?limit=1000`, { token: TOKEN });
      const kept = new Set(body.history.map((entry: { sequence: number }) => entry.sequence));
      expect(sequences.filter(sequence => !kept.has(sequence))).toEqual([]);
      checked += sequences.length;
    }
    expect(checked).toBeGreaterThan(900);
  });
});
