import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/manual-clock.ts';
import { spawnReceiver } from '../../support/receiver-process.ts';
import {
  createAsker,
  createTestFolder,
  enrolVm,
  heartbeat,
  startReceiver,
} from '../../support/receiver-under-test.ts';

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

/** Fails unless a new process on the same files has all that was acknowledged; tells how much. */
const expectKept = async (folder: string, acknowledged: ReadonlyMap<string, number[]>) => {
  const { address, operatorToken } = await spawnReceiver(folder);
  const ask = createAsker(address);
  let checked = 0;
  for (const [vmId, sequences] of acknowledged) {
    const path = `/v1/vms/${vmId}/history?limit=1000`;
    const { body } = await ask('GET', path, { token: operatorToken });
    const kept = new Set(body.history.map((entry: { sequence: number }) => entry.sequence));
    expect(sequences.filter(sequence => !kept.has(sequence))).toEqual([]);
    checked += sequences.length;
  }
  return checked;
};

describe('the process', () => {
  it('ends well on SIGTERM and on SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { child, ended } = await spawnReceiver(createTestFolder());
      child.kill(signal);
      expect(await ended).toBe('exit 0');
    }
  });

  it('has every heartbeat that it acknowledged, killed under load again and again', async () => {
    const folder = createTestFolder();
    const acknowledged = new Map<string, number[]>();
    for (let kill = 0; kill < 3; kill += 1) {
      const { child, address, ended, enrolmentSecret } = await spawnReceiver(folder);
      let total = 0;
      const speak = async (name: string) => {
        const ask = createAsker(address);
        const vm = await enrolVm(ask, enrolmentSecret, name);
        const sequences: number[] = [];
        acknowledged.set(vm.vmId, sequences);
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
      expect(await ended).toBe('SIGKILL');
    }
    const checked = await expectKept(folder, acknowledged);
    expect(checked).toBeGreaterThan(900);
  });

  it('acknowledges nothing that a full disk did not take, and goes on living', async () => {
    const folder = createTestFolder();
    const { address, enrolmentSecret } = await spawnReceiver(folder, { fileLimitKb: 400 });
    const ask = createAsker(address);
    const vm = await enrolVm(ask, enrolmentSecret, 'wn1');
    const sequences: number[] = [];
    const reason = 'x'.repeat(2000);
    let refused: Awaited<ReturnType<typeof ask>> | undefined;
    for (let sequence = 1; refused === undefined; sequence += 1) {
      const body = heartbeat(sequence, { reason });
      const answer = await ask('POST', '/v1/heartbeat', { token: vm.token, body });
      if (answer.status === 200) sequences.push(sequence);
      else refused = answer;
    }
    expect(refused).toMatchObject({ status: 500, body: { error: { code: 'internal' } } });
    // What is left may still take the few bytes of a probe or two.
    const probes = [];
    for (let n = 0; n < 20; n += 1) probes.push((await ask('GET', '/readyz')).status);
    expect(probes.at(-1)).toBe(503);
    expect((await ask('GET', '/healthz')).status).toBe(200);
    expect(await expectKept(folder, new Map([[vm.vmId, sequences]]))).toBeGreaterThan(5);
  });
});
