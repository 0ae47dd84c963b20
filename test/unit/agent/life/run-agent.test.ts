import { describe, expect, test } from 'vitest';
import { createFolderDiskTools } from '../../../../agent/disks/folder-disks.ts';
import type { Preparer } from '../../../../agent/life/prepare.ts';
import { type AgentEnd, type AgentParts, runAgent } from '../../../../agent/life/run-agent.ts';
import { leaveRequest } from '../../../../agent/monitor/inbox.ts';
import { createFolderPacketFilter } from '../../../../agent/nftables.ts';
import { PATHS } from '../../../../agent/paths.ts';
import type { PilotUnits, UnitSighting } from '../../../../agent/pilot/unit/unit.ts';
import { measured } from '../../../../agent/reading.ts';
import { createFolderSystem } from '../../../../agent/system.ts';
import { createLogRing } from '../../../../agent/uplink/log-ring.ts';
import { createFolderUsers } from '../../../../agent/users.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import type { Files } from '../../../../platform/files.ts';
import type { Http } from '../../../../platform/http.ts';
import { createLog } from '../../../../platform/log.ts';
import { createPlainFolder } from '../../../../platform/memory-folder.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { createMemorySparse } from '../../../support/memory-sparse.ts';
import { contextOf } from '../monitor/worlds.ts';

/** Units that start at once and end at any signal. */
const createFakeUnits = (): PilotUnits => {
  const units = new Map<string, UnitSighting>();
  return {
    kind: 'fake',
    start: async ({ slot, generation }) => {
      units.set(slot, { slot, generation, state: 'running', cpuMs: measured(0) });
    },
    members: async () => [],
    sight: async () => [...units.values()],
    signal: async ({ slot, generation }, signal) => {
      units.set(slot, {
        slot,
        generation,
        state: 'ended',
        exit: { result: 'signal', code: 'killed', status: signal },
      });
    },
  };
};

const LIFELINE = {
  version: 1,
  hold: 60_000,
  identity: {},
  receiver: { url: 'http://127.0.0.1:1', allowPlainHttp: true, enrolmentSecret: 's' },
} as const;
const GONE: Http = () => ({
  request: () => Promise.reject(new PilotageError('http-failed', 'connection refused')),
  close: async () => undefined,
});

const HEARD = { nextHeartbeatMs: 60_000, receiverTime: 'now', directives: [] };
const ENROLLED = {
  ...HEARD,
  protocol: 1,
  vmId: '01890000-0000-7000-8000-000000000000',
  token: 'T'.repeat(43),
};

/** An agent whose world the test can spoil. */
const start = async ({
  files = createMemoryFiles(),
  http = GONE,
  preparer,
}: {
  files?: Files;
  http?: Http;
  preparer?: Partial<Preparer>;
} = {}) => {
  await files.makeDirectory('/run/pilotage/jobfeatures/00', { mode: 0o755 });
  await files.makeDirectory('/run/pilotage/machinefeatures', { mode: 0o755 });
  const clock = createManualClock();
  const powerOffs: string[] = [];
  const stop = new AbortController();
  let end: AgentEnd | undefined;
  const parts: AgentParts = {
    ports: {
      kind: 'systemd',
      clock,
      files,
      host: createMemoryFiles(),
      sparse: createMemorySparse(files, clock),
      exec: {
        run: () => Promise.reject(new PilotageError('command-failed', 'nothing can be run here')),
      },
      log: createLog('silent', () => undefined),
      http,
      users: createFolderUsers(files),
      memoryFolder: createPlainFolder(files),
      system: createFolderSystem(),
      packetFilter: createFolderPacketFilter(files),
      disks: createFolderDiskTools(),
      units: createFakeUnits(),
      power: {
        off: async ({ reason }) => {
          powerOffs.push(reason);
        },
      },
      random: () => 1,
    },
    machine: { instanceId: 'i-1', bootId: 'b-1', hostname: 'h' },
    preparer: {
      lifeline: async () => LIFELINE,
      reload: () => Promise.reject(new PilotageError('context-invalid', 'no other context')),
      context: async () => ({
        state: 'done',
        context: contextOf({ policies: { zeroLoad: false, noPayloads: false } }),
        slots: [{ name: '00', cores: 1, memoryMb: 100, user: 'plt00' }],
      }),
      ...preparer,
    },
    watchdog: { ready: async () => undefined, progress: async () => undefined },
    ring: createLogRing(),
    version: '0',
    announce: async () => undefined,
  };
  const run = runAgent(parts, stop.signal).then(result => {
    end = result;
  });
  await clock.advance(60_000);
  return { files, clock, powerOffs, stop, run, end: () => end };
};
const halt = async ({
  files,
  clock,
}: {
  files: Files;
  clock: { advance(ms: number): Promise<void> };
}) => {
  await leaveRequest(files, { kind: 'halt', reason: 'enough', mode: 'graceful' });
  await clock.advance(300_000);
};

describe('a halted VM leaves what it came to', () => {
  const outputs = contextOf({ features: { jobOutputs: '/etc/joboutputs' } });
  const preparer: Partial<Preparer> = {
    context: async () => ({ state: 'done', context: outputs, slots: [] }),
  };

  test('with its logs, and where Vac looks for it', async () => {
    const files = createMemoryFiles();
    await files.makeDirectory('/etc/joboutputs', { mode: 0o755 });
    const agent = await start({ files, preparer });
    await halt(agent);
    for (const folder of ['/var/log/pilotage', '/etc/joboutputs'])
      expect(await files.read(`${folder}/shutdown_message`, 1000)).toBe(
        '100 asked to shut down: operator: enough\n',
      );
  });

  test.each<[string, Partial<Files>]>([
    ['is not there', {}],
    ['hangs', { write: () => new Promise<void>(() => undefined) }],
  ])('and powers off where that folder %s', async (_what, broken) => {
    const files = createMemoryFiles();
    const agent = await start({
      files: {
        ...files,
        write: (path, ...rest) =>
          path.startsWith('/etc/joboutputs')
            ? (broken.write ?? files.write)(path, ...rest)
            : files.write(path, ...rest),
      },
      preparer,
    });
    await halt(agent);
    expect(agent.powerOffs).toEqual(['operator: enough']);
    expect(await files.read('/var/log/pilotage/shutdown_message', 1000)).toMatch(/^100 /);
  });
});

describe('a halted VM powers off', () => {
  test('without a receiver that would hear it', async () => {
    const agent = await start();
    await halt(agent);
    expect(agent.powerOffs).toEqual(['operator: enough']);
    expect(agent.end()).toBe('powered-off');
  });

  test('even if saying farewell fails by a mistake of ours', async () => {
    let farewells = 0;
    const http: Http = () => ({
      request: async ({ path, body = '' }) => {
        if (body.includes('"state":"halted"')) {
          farewells += 1;
          throw new TypeError('a bug');
        }
        return {
          status: 200,
          headers: {},
          body: JSON.stringify(path === '/v1/enrol' ? ENROLLED : HEARD),
        };
      },
      close: async () => undefined,
    });
    const agent = await start({ http });
    await halt(agent);
    expect(farewells).toBe(1);
    expect(agent.powerOffs).toEqual(['operator: enough']);
  });

  test('even if nothing at all can be written any more', async () => {
    const files = createMemoryFiles();
    let full = false;
    const failing: Files = {
      ...files,
      write: (path, ...rest) =>
        full && !path.startsWith(PATHS.requests)
          ? Promise.reject(new PilotageError('file-failed', 'no space'))
          : files.write(path, ...rest),
      overwrite: (path, ...rest) =>
        full
          ? Promise.reject(new PilotageError('file-failed', 'input/output error'))
          : files.overwrite(path, ...rest),
    };
    const agent = await start({ files: failing });
    full = true;
    await halt(agent);
    expect(agent.powerOffs).toEqual(['operator: enough']);
  });

  test('even while it is still being contextualized', async () => {
    const context: Preparer['context'] = (_hold, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    const agent = await start({
      preparer: {
        context: (...args) =>
          context(...args).catch(() => ({
            state: 'failed',
            reason: 'ended',
            context: contextOf(),
          })),
      },
    });
    await halt(agent);
    expect(agent.powerOffs).toEqual(['operator: enough']);
    expect(agent.end()).toBe('powered-off');
  });
});

test('a drain that was taken back while no agent ran is taken back for the pilots too', async () => {
  const files = createMemoryFiles();
  await files.makeDirectory('/run/pilotage', { mode: 0o755 });
  await files.makeDirectory(PATHS.told, { mode: 0o755 });
  await files.write(PATHS.draining, '1\n', { mode: 0o644 });
  await start({ files });
  expect(await files.facts(PATHS.draining)).toBeUndefined();
});

test('an agent that is stopped leaves the power on and the pilots running', async () => {
  const agent = await start();
  agent.stop.abort();
  await agent.clock.advance(1000);
  expect(agent.end()).toBe('stopped');
  expect(agent.powerOffs).toEqual([]);
});
