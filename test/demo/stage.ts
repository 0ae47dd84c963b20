import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type FolderVm, startFolderVm } from '../support/folder-vm.ts';
import { type LocalReceiver, startLocalReceiver } from '../support/local-receiver.ts';
import { createMarker, type MarkedProcess } from '../support/marked-processes.ts';
import { createAgentTeller, createReceiverTeller, type Say } from './narrate.ts';
import type { Part } from './parts.ts';

/** A VM of the demo, with the part that it plays. */
export interface Actor extends FolderVm {
  part: Part;
}

/** Where the demo plays: a receiver, and VMs as folders, all under one temporary folder. */
export interface Stage {
  folder: string;
  receiver: LocalReceiver;
  /** All that were ever started. */
  actors: readonly Actor[];
  start(part: Part): Promise<Actor>;
  /** Tells what is new, from the agents' own words and from the receiver's. */
  look(): Promise<void>;
  /** Our processes beside the receiver: agents, pilots, and whatever they started. */
  strays(): MarkedProcess[];
  /** Ends every process and removes the folder. What was wrong in doing so, for a person. */
  close(): Promise<string[]>;
  /** The same in an instant, where there is no time for an orderly end. */
  abandon(): void;
}

const AGENT_GRACE_MS = 3000;
const PILOT_GRACE_MS = 1000;
export const LOOK_EVERY_MS = 200;

/** @param agent the agent's binary */
export const openStage = async (agent: string, say: Say, signal: AbortSignal): Promise<Stage> => {
  const marker = createMarker('PILOTAGE_DEMO');
  const folder = mkdtempSync(join(tmpdir(), 'pilotage-demo-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  const shared = { folder, environment: marker.environment };
  const receiver = await startLocalReceiver({
    ...{ ...shared, signal, pace: '1s', stallAfter: '15s' },
  }).catch(async (error: unknown) => {
    await marker.end(0);
    removeFolder();
    throw error;
  });
  const actors: Actor[] = [];
  const tellers: (() => Promise<void>)[] = [];
  const tellReceiver = createReceiverTeller(say);
  say('receiver', `listens at ${receiver.url}`);

  const strays = (): MarkedProcess[] =>
    marker.find().filter(({ pid }) => pid !== receiver.program.pid);

  /** A pilot gets the environment of its context alone, so the marker goes in there. */
  const markPilots = ({ context }: Part): Record<string, unknown> => {
    const pilots = context.pilots as { environment?: object };
    const environment = { ...pilots.environment, ...marker.environment };
    return { ...context, pilots: { ...pilots, environment } };
  };

  const start = async (part: Part): Promise<Actor> => {
    const name = `vm-${actors.length + 1}`;
    const vm = await startFolderVm({
      ...{ ...shared, name, agent, context: markPilots(part) },
      receiver: { url: receiver.url, enrolmentSecret: receiver.enrolmentSecret },
      identity: { site: 'DEMO', vo: 'demo', runningPod: part.name },
    });
    const actor = { ...vm, part };
    actors.push(actor);
    say(name, `starts: ${part.tells}`);
    const tell = createAgentTeller(name, say);
    let isOver = false;
    tellers.push(async () => {
      if (isOver) return;
      const end = vm.agent.ended();
      const status = await vm.status();
      if (status !== undefined) tell(status);
      if (end === undefined) return;
      isOver = true;
      const reason = await vm.poweredOff();
      const power = reason === undefined ? 'and it is still on' : 'powered off';
      say(name, `${power}; its agent ended with ${end}`);
    });
    return actor;
  };

  return {
    folder,
    receiver,
    actors,
    start,
    look: async () => {
      for (const tell of tellers) await tell();
      tellReceiver(await receiver.vms());
    },
    strays,
    close: async () => {
      const spared = new Set([receiver.program.pid]);
      // Agents first, so that none starts a new pilot; a stopped agent leaves its pilots running.
      await Promise.all(actors.map(({ agent }) => agent.stop(AGENT_GRACE_MS)));
      const left = await marker.end(PILOT_GRACE_MS, spared);
      const end = await receiver.stop();
      const last = await marker.end(0);
      // A process that is being killed may still write.
      if (left.length + last.length > 0) await delay(LOOK_EVERY_MS);
      removeFolder();
      return [
        ...[...left, ...last].map(({ pid, command }) => `process ${pid} does not end: ${command}`),
        ...(end === 'exit 0' ? [] : [`the receiver ended with ${end}`]),
      ];
    },
    abandon: () => {
      // Twice: one may have been forked in between.
      marker.signal('SIGKILL');
      marker.signal('SIGKILL');
      removeFolder();
    },
  };
};
