import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FLEET_STATES, filterOf, fleetState } from '../../../../receiver/fleet/fleet-state.ts';
import { transition } from '../../../../receiver/fleet/transition.ts';
import { createSqliteStorage } from '../../../../receiver/storage/sqlite-storage.ts';
import { KEPT_LOG_BYTES, KEPT_LOG_SOURCES } from '../../../../receiver/storage/storage.ts';
import { createNonce, createTestFolder, heartbeat } from '../../../support/receiver-under-test.ts';
import { REPORTED } from '../fleet/vm-records.ts';

const open = async (vms: readonly string[] = ['vm-1']) => {
  const storage = createSqliteStorage(join(createTestFolder(), 'fleet.db'));
  onTestFinished(() => storage.close());
  for (const vmId of vms)
    await storage.enrol({
      vmId,
      nonce: createNonce(),
      tokenHash: randomBytes(32),
      identity: { instanceId: `i-${vmId}`, hostname: `wn-${vmId}` },
      agentVersion: '1',
      enrolledMs: 1000,
    });
  let sequence = 0;
  const say = (rest: Parameters<typeof heartbeat>[1] = {}, vmId = 'vm-1', receivedMs = 2000) => {
    sequence = rest.sequence ?? sequence + 1;
    return storage.recordHeartbeat(
      { vmId, heartbeat: heartbeat(sequence, rest), receivedMs },
      transition,
    );
  };
  const readAll = async (source: string) => {
    const stretch = await storage.readLog('vm-1', source, 0);
    return { at: stretch?.fromByte, text: Buffer.from(stretch?.bytes ?? []).toString() };
  };
  return { storage, say, readAll };
};

describe('listing', () => {
  it('chooses by filter as the states say, in pages that miss nobody', async () => {
    const ids = REPORTED.flatMap(state => [`${state}-silent`, `${state}-heard`]);
    const { storage, say } = await open(ids);
    for (const state of REPORTED) {
      if (state === undefined) continue;
      await say({ state }, `${state}-silent`, 2000);
      await say({ state }, `${state}-heard`, 900_000);
    }
    const nowMs = 1_000_000;
    const all = await storage.listVms({}, '', 1000);
    expect(all.map(({ vmId }) => vmId)).toEqual(ids.toSorted());
    for (const state of FLEET_STATES) {
      const filter = filterOf(state, nowMs, 600_000);
      const expected = all.filter(vm => fleetState(vm, nowMs, 600_000) === state);
      const found = [];
      for (let after = ''; ; ) {
        const [vm] = await storage.listVms(filter, after, 1);
        if (vm === undefined) break;
        found.push(vm);
        after = vm.vmId;
      }
      expect(found).toEqual(expected);
    }
  });

  it('finds by the beginning of any name, whole names first', async () => {
    const { storage } = await open(['10', '1', '2']);
    const names = async (prefix: string) => (await storage.findVms(prefix, 5)).map(vm => vm.vmId);
    expect(await names('1')).toEqual(['1', '10']);
    expect(await names('i-1')).toEqual(['1', '10']);
    expect(await names('wn-2')).toEqual(['2']);
    expect(await names('%')).toEqual([]);
    expect(await names('\u{10FFFF}')).toEqual([]);
  });
});

describe('heartbeats', () => {
  it('knows no VM that did not enrol', async () => {
    const { say } = await open();
    expect(await say({}, 'vm-2')).toBeUndefined();
  });

  it('takes any number that the protocol lets through', async () => {
    const { storage, say } = await open();
    await say({
      sequence: Number.MAX_SAFE_INTEGER,
      uptimeMs: Number.MAX_VALUE,
      load: { ok: true, value: -1e300 },
      reason: 'a\u0000b\ud800',
      logs: [{ source: 'agent', fromByte: Number.MAX_SAFE_INTEGER, text: 'far' }],
    });
    const vm = await storage.vm('vm-1');
    expect(vm?.latest).toMatchObject({ uptimeMs: Number.MAX_VALUE, load: { value: -1e300 } });
    expect((await storage.history('vm-1', 5))[0]?.sequence).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('logs', () => {
  const full = `${'Zeile mit ümläut → 🚀\n'.repeat(400)}`;
  const bytes = Buffer.from(full);
  /** Piece ends that cut no character. */
  const cuts = [0];
  for (const char of full) cuts.push((cuts.at(-1) ?? 0) + Buffer.byteLength(char));

  it('puts pieces together, whatever their order, overlap and repeats', async () => {
    const cut = fc.integer({ min: 0, max: cuts.length - 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cut, cut), { maxLength: 12 }), async pairs => {
        const { say, readAll } = await open();
        const pieces = [...pairs, [0, cuts.length - 1] as const].map(([a, b]) => {
          const fromByte = cuts[Math.min(a, b)] ?? 0;
          const text = bytes.subarray(fromByte, cuts[Math.max(a, b)]).toString();
          return { source: 'agent', fromByte, text };
        });
        for (const piece of pieces) await say({ logs: [piece] });
        expect(await readAll('agent')).toEqual({ at: 0, text: full });
      }),
      { numRuns: 25 },
    );
  });

  it('keeps the last bytes of each source, and stops at a gap', async () => {
    const { storage, say, readAll } = await open();
    const text = 'x'.repeat(16 * 1024);
    const count = KEPT_LOG_BYTES / text.length + 3;
    for (let n = 0; n < count; n += 1)
      await say({ logs: [{ source: 'agent', fromByte: n * text.length, text }] });
    const kept = await readAll('agent');
    expect(kept).toEqual({ at: 3 * text.length, text: 'x'.repeat(KEPT_LOG_BYTES) });
    const end = count * text.length;
    await say({ logs: [{ source: 'agent', fromByte: end + 10, text: 'later' }] });
    const sources = await storage.logSources('vm-1');
    expect(sources).toMatchObject([{ source: 'agent', toByte: end + 15 }]);
    const first = await storage.readLog('vm-1', 'agent', end - 5);
    expect(first?.bytes.length).toBe(5);
    const second = await storage.readLog('vm-1', 'agent', end);
    expect([second?.fromByte, Buffer.from(second?.bytes ?? []).toString()]).toEqual([
      end + 10,
      'later',
    ]);
    expect(await storage.readLog('vm-1', 'agent', end + 15)).toBeUndefined();
  });

  it('begins anew when another boot begins at 0, not when the same boot repeats', async () => {
    const { say, readAll } = await open();
    await say({ logs: [{ source: 'agent', fromByte: 0, text: 'first boot' }] });
    await say({ logs: [{ source: 'agent', fromByte: 0, text: 'FIRST' }] });
    expect(await readAll('agent')).toEqual({ at: 0, text: 'first boot' });
    await say({ bootId: 'boot-2', logs: [{ source: 'agent', fromByte: 0, text: 'second' }] });
    expect(await readAll('agent')).toEqual({ at: 0, text: 'second' });
  });

  it('keeps the sources that were written to last', async () => {
    const { storage, say } = await open();
    const names = Array.from(
      { length: KEPT_LOG_SOURCES + 6 },
      (_, n) => `s${String(n).padStart(3, '0')}`,
    );
    for (const [n, source] of names.entries())
      await say({ logs: [{ source, fromByte: 0, text: 'x' }] }, 'vm-1', 2000 + n);
    const kept = await storage.logSources('vm-1');
    expect(kept.map(({ source }) => source)).toEqual(names.slice(6));
  });
});
