import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { createFiles, type Files } from '../../../platform/files.ts';
import type { Program } from '../../support/child-program.ts';
import { type FolderVm, startAgent, startFolderVm } from '../../support/folder-vm.ts';
import { type LocalReceiver, startLocalReceiver } from '../../support/local-receiver.ts';
import { createMarker } from '../../support/marked-processes.ts';
import { pollUntil } from '../../support/poll-until.ts';

const MAIN = resolve(import.meta.dirname, '../../../agent/main.ts');
export const AGENT = [process.execPath, MAIN] as const;
const WAIT_MS = 30_000;

/** Quick enough for a test, slow enough for a busy machine. */
export const QUICK = {
  monitor: { tick: '200ms' },
  ending: { killGrace: '2s', farewell: '3s', drainDeadline: '1m' },
} as const;

/** A pilot that writes down its start and then runs on. */
export const NOTING_PILOT = {
  kind: 'command',
  slots: 'whole-node',
  command: ['/bin/sh', '-c', 'echo "start $PILOTAGE_GENERATION"; exec sleep 1000'],
};

export interface Bed {
  folder: string;
  receiver: LocalReceiver;
  /** Marks what a test starts, so that it ends with it. */
  environment: Readonly<Record<string, string>>;
  start(context: { pilots?: object; hold?: string; [key: string]: unknown }): Promise<BedVm>;
}

export interface BedVm extends FolderVm {
  files: Files;
  /** Another agent in the same folder. */
  restart(): Promise<Program>;
  log(): string;
  /** Waits for something to be seen; on failure it shows the agent's last words. */
  until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T>;
  untilPhase(phase: string): Promise<void>;
  untilRunning(pilots: number): Promise<void>;
  /** What the first slot's pilots wrote, over all generations. */
  pilotOutput(): Promise<string>;
}

/** A receiver and agents in folders; all of it, pilots in sessions of their own too, ends with the test. */
export const createBed = async (
  pace = '1s',
  stallAfter = '1m',
  further: readonly string[] = [],
): Promise<Bed> => {
  const folder = mkdtempSync(join(tmpdir(), 'pilotage-agent-'));
  const marker = createMarker('PILOTAGE_TEST');
  onTestFinished(async () => {
    await marker.end(0);
    rmSync(folder, { recursive: true, force: true });
  });
  const { environment } = marker;
  const receiver = await startLocalReceiver({
    folder,
    pace,
    stallAfter,
    further,
    environment,
  });

  const start: Bed['start'] = async ({ pilots, hold, ...rest }) => {
    // The mark goes with the pilots as well, whose environment is made anew.
    const marked = pilots === undefined ? {} : { pilots: { ...pilots, environment } };
    const name = 'vm';
    const vm = await startFolderVm({
      folder,
      name,
      agent: AGENT,
      receiver: { url: receiver.url, enrolmentSecret: receiver.enrolmentSecret },
      identity: { site: 'TEST' },
      ...(hold === undefined ? {} : { hold }),
      context: { ...QUICK, ...rest, ...marked },
      environment,
    });
    const files = createFiles(vm.root, false);
    const log = () => readFileSync(`${vm.root}.log`, 'utf8');
    const until: BedVm['until'] = async (what, look) => {
      try {
        return await pollUntil(what, { timeoutMs: WAIT_MS, everyMs: 20 }, look);
      } catch (error) {
        throw new Error(`${what}; the agent's last words:\n${log().slice(-3000)}`, {
          cause: error,
        });
      }
    };
    return {
      ...vm,
      files,
      log,
      until,
      restart: () => startAgent(AGENT, vm.root, environment),
      untilPhase: async phase => {
        await until(
          `phase ${phase}`,
          async () => (await vm.status())?.phase === phase || undefined,
        );
      },
      untilRunning: async count => {
        await until(`${count} pilots`, async () => {
          const running = (await vm.status())?.pilots.filter(
            ({ state }) => state === 'running',
          ).length;
          return running === count || undefined;
        });
      },
      pilotOutput: async () => {
        const names = (await files.list('/var/log/pilotage')).filter(log => log.endsWith('.out'));
        return (
          await Promise.all(names.map(name => files.read(`/var/log/pilotage/${name}`, 1e6)))
        ).join('');
      },
    };
  };
  return { folder, receiver, environment, start };
};

export const writeContext = (vm: FolderVm, name: string, text: string): void =>
  writeFileSync(join(vm.root, 'etc/pilotage/context.d', name), text, { mode: 0o600 });
