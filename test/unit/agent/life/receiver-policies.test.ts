import { describe, expect, test } from 'vitest';
import type { Preparer } from '../../../../agent/life/prepare.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import type { Http } from '../../../../platform/http.ts';
import type { Plan } from '../../../../protocol/plan.ts';
import type { createMemoryFiles } from '../../../support/memory-files.ts';
import { withReceiver } from '../monitor/policy/judging.ts';
import { minutes } from '../monitor/worlds.ts';
import { ENROLLED, HEARD, startAgent } from './agent-on-a-clock.ts';

const preparerWith = (lostReceiver: object): Partial<Preparer> => ({
  context: async () => ({
    state: 'done',
    context: withReceiver({ policies: { zeroLoad: false, noPayloads: false, lostReceiver } }),
    slots: [{ name: '00', cores: 1, memoryMb: 100, user: 'plt00' }],
  }),
});

/** A receiver that the test can take away, and that tells of plans. */
const createReceiver = () => {
  let isGone = false;
  let plans: readonly Plan[] | undefined;
  let heartbeats = 0;
  const http: Http = () => ({
    request: async ({ path }) => {
      if (isGone) throw new PilotageError('http-failed', 'connection refused');
      if (path === '/v1/heartbeat') heartbeats += 1;
      const answer =
        path === '/v1/enrol' ? ENROLLED : { ...HEARD, nextHeartbeatMs: minutes(60), plans };
      return { status: 200, headers: {}, body: JSON.stringify(answer) };
    },
    close: async () => undefined,
  });
  return {
    http,
    heartbeats: () => heartbeats,
    go: (gone: boolean) => {
      isGone = gone;
    },
    plan: (next: readonly Plan[]) => {
      plans = next;
    },
  };
};

const drainFile = (files: ReturnType<typeof createMemoryFiles>) => files.facts(PATHS.draining);

describe('an agent whose receiver has gone', () => {
  test('drains, and powers off when its lease runs out', async () => {
    const { http, go } = createReceiver();
    const agent = await startAgent({ http, preparer: preparerWith({ lease: '30m' }) });
    go(true);
    await agent.clock.advance(minutes(13));
    expect(await drainFile(agent.files)).toBeUndefined();
    await agent.clock.advance(minutes(2));
    expect(await drainFile(agent.files)).toBeDefined();
    expect(agent.powerOffs).toEqual([]);
    await agent.clock.advance(minutes(17));
    expect(agent.powerOffs).toEqual([expect.stringMatching(/^lost-receiver: /)]);
  });

  test('works on without a lease', async () => {
    const { http, go } = createReceiver();
    const agent = await startAgent({ http, preparer: preparerWith({}) });
    go(true);
    await agent.clock.advance(minutes(60));
    expect(agent.powerOffs).toEqual([]);
    agent.stop.abort();
    await agent.clock.advance(1000);
  });

  test('and that is restarted is no younger for it', async () => {
    const { http, go } = createReceiver();
    const first = await startAgent({ http, preparer: preparerWith({ lease: '30m' }) });
    go(true);
    await first.clock.advance(minutes(12));
    first.stop.abort();
    await first.clock.advance(1000);
    const { files, clock, units } = first;
    const second = await startAgent({
      http,
      files,
      clock,
      units,
      preparer: preparerWith({ lease: '30m' }),
    });
    await clock.advance(minutes(3));
    expect(await drainFile(files)).toBeDefined();
    await clock.advance(minutes(17));
    expect(second.powerOffs).toHaveLength(1);
  });
});

test('heartbeats are sent often enough for a lease, whatever pace the receiver sets', async () => {
  const { http, heartbeats } = createReceiver();
  const agent = await startAgent({ http, preparer: preparerWith({ lease: '30m' }) });
  await agent.clock.advance(minutes(45));
  expect(heartbeats()).toBeGreaterThanOrEqual(5);
  expect(agent.powerOffs).toEqual([]);
  agent.stop.abort();
  await agent.clock.advance(1000);
});

test('an agent drains for a downtime that its receiver tells, also a restarted one, and no more once it is withdrawn', async () => {
  const { http, plan, go } = createReceiver();
  const preparer = preparerWith({ lease: '90m' });
  const first = await startAgent({ http, preparer });
  plan([{ kind: 'downtime', startsInMs: minutes(100), reason: 'new switches' }]);
  await first.clock.advance(minutes(31));
  expect(await drainFile(first.files)).toBeDefined();
  first.stop.abort();
  await first.clock.advance(1000);
  go(true);
  const { files, clock, units } = first;
  const second = await startAgent({ http, files, clock, units, preparer });
  expect(await drainFile(files)).toBeDefined();
  go(false);
  plan([]);
  await clock.advance(minutes(2));
  expect(await drainFile(files)).toBeUndefined();
  expect(second.powerOffs).toEqual([]);
  second.stop.abort();
  await clock.advance(1000);
});
