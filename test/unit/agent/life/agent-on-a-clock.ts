import { createFolderDiskTools } from '../../../../agent/disks/folder-disks.ts';
import type { Preparer } from '../../../../agent/life/prepare.ts';
import { type AgentEnd, type AgentParts, runAgent } from '../../../../agent/life/run-agent.ts';
import { createFolderPacketFilter } from '../../../../agent/nftables.ts';
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
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts';
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

export const LIFELINE = {
  version: 1,
  hold: 60_000,
  identity: {},
  receiver: { url: 'http://127.0.0.1:1', allowPlainHttp: true, enrolmentSecret: 's' },
} as const;
export const GONE: Http = () => ({
  request: () => Promise.reject(new PilotageError('http-failed', 'connection refused')),
  close: async () => undefined,
});

export const HEARD = { nextHeartbeatMs: 60_000, receiverTime: 'now', directives: [] };
export const ENROLLED = {
  ...HEARD,
  protocol: 1,
  vmId: '01890000-0000-7000-8000-000000000000',
  token: 'T'.repeat(43),
};

/** An agent whose world the test can spoil. */
export const startAgent = async ({
  files = createMemoryFiles(),
  http = GONE,
  preparer,
  clock = createManualClock(),
  units = createFakeUnits(),
  bootId = 'b-1',
}: {
  files?: Files;
  http?: Http;
  preparer?: Partial<Preparer>;
  /** Of an agent before this one, which ran in the same boot. */
  clock?: ManualClock;
  units?: PilotUnits;
  bootId?: string;
} = {}) => {
  await files.makeDirectory('/run/pilotage/jobfeatures/00', { mode: 0o755 });
  await files.makeDirectory('/run/pilotage/machinefeatures', { mode: 0o755 });
  const powerOffs: string[] = [];
  const stop = new AbortController();
  const systemStop = new AbortController();
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
      units,
      power: {
        off: async ({ reason }) => {
          powerOffs.push(reason);
        },
      },
      random: () => 1,
    },
    machine: { instanceId: 'i-1', bootId, hostname: 'h' },
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
    systemStop: { stopping: systemStop.signal, leftMs: most => most },
    metadata: { metadataUrl: 'http://127.0.0.1:1', allowImdsV1: false },
    watchdog: { ready: async () => undefined, progress: async () => undefined },
    ring: createLogRing(),
    version: '0',
    announce: async () => undefined,
  };
  const run = runAgent(parts, stop.signal).then(result => {
    end = result;
  });
  await clock.advance(60_000);
  const pilots = async () => (await units.sight()).map(({ state }) => state);
  return { files, clock, units, powerOffs, stop, systemStop, pilots, run, end: () => end };
};
