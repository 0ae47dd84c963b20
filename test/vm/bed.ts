import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../platform/errors.ts';
import { runOnHost } from '../support/host-exec.ts';
import type { VmImage } from './base-image.ts';
import { overlayIn } from './drives.ts';
import type { GuestSystem } from './guest-system.ts';
import type { Hardware } from './hardware/hardware.ts';
import { nocloudHardware } from './hardware/nocloud.ts';
import { bootMachine, type Machine, type MachineSpec } from './machine.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** A VM to boot: with user-data for cloud-init's NoCloud, or with the hardware of some other cloud. */
export type BootSpec = Pick<MachineSpec, 'name' | 'forwards' | 'disks'> &
  ({ userData: string | Buffer } | { hardware: Hardware });

/** What a scenario works with. All that it starts is ended with it. */
export interface Bed extends Timeline {
  /** For the scenario's files; gone afterwards. */
  folder: string;
  /** What its machines boot. */
  image: VmImage;
  boot(spec: BootSpec): Promise<Machine>;
  /** One that was booted before goes on from a state kept on its disk, which is copied. */
  resume(spec: BootSpec, disk: string, state: string): Promise<Machine>;
  /** Boots one that has ended once more, from the same disks. */
  bootAgain(ended: Machine): Promise<Machine>;
  /** Called at the end, the last one first. */
  onClose(work: () => void | Promise<void>): void;
  /** One line on what came of it, for the table at the end of the run. */
  conclude(line: string): void;
}

/** One story of a VM. `smoke`: part of the set that runs when none is named. */
export interface Scenario {
  name: string;
  smoke: boolean;
  title: string;
  /** What its VMs boot, if not the plain system. */
  system?: GuestSystem;
  /** It must come to a line for the table at the end. */
  concludes?: true;
  run(bed: Bed): Promise<void>;
}

export interface ScenarioResult {
  passed: number;
  failed: number;
  conclusion?: string | undefined;
}

const PROCESSES = 'uptime; ps -eo pid,ppid,stat,time,wchan:20,args --sort=-time | head -n 60';

/** What a failure is looked into with. A second boot of a scenario has files of its own. */
const keepEvidence = async (folder: string, name: string, machines: readonly Machine[]) => {
  mkdirSync(folder, { recursive: true });
  for (const [index, machine] of machines.entries()) {
    const base = join(folder, `${name}${index === 0 ? '' : `-${index + 1}`}`);
    writeFileSync(`${base}.console`, machine.console());
    writeFileSync(`${base}.journal`, machine.journal());
    const seen = await machine.run(PROCESSES, 30_000).catch(messageOf);
    writeFileSync(`${base}.processes`, typeof seen === 'string' ? seen : seen.output);
    if (typeof seen !== 'string') continue;
    writeFileSync(`${base}.processors`, await machine.dissect().catch(messageOf));
    writeFileSync(`${base}.console`, machine.console());
  }
};

/** What an earlier run kept would only mislead. */
const forgetEvidence = (folder: string, name: string): void => {
  for (const file of existsSync(folder) ? readdirSync(folder) : [])
    if (file.replace(/(?:-\d+)?\.(?:console|journal|processes|processors)$/, '') === name)
      rmSync(join(folder, file));
};

/** Runs a scenario to its end. A throw is one failed check; consoles are kept if anything failed. */
export const runScenario = async (
  scenario: Scenario,
  image: VmImage,
  logFolder: string,
): Promise<ScenarioResult> => {
  const timeline = createTimeline(scenario.name);
  const folder = mkdtempSync(join(tmpdir(), 'pilotage-vm-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  // Also when the program is told to end in the middle.
  process.once('exit', removeFolder);
  const machines = new Map<Machine, MachineSpec>();
  const closers: (() => void | Promise<void>)[] = [];
  let conclusion: string | undefined;
  const start = async (spec: MachineSpec): Promise<Machine> => {
    const machine = await bootMachine(spec);
    machines.set(machine, spec);
    closers.push(machine.powerKill);
    timeline.say(`${spec.name} ${spec.resumes === undefined ? 'is booting' : 'goes on'}`);
    return machine;
  };
  const specOf = (spec: BootSpec): MachineSpec => {
    const hardware = 'hardware' in spec ? spec.hardware : nocloudHardware(spec.name, spec.userData);
    return { ...spec, hardware, image, folder: join(folder, `vm${machines.size + 1}`) };
  };
  const bed: Bed = Object.assign(timeline, {
    folder,
    image,
    onClose: (work: () => void | Promise<void>) => closers.push(work),
    conclude: (line: string) => {
      conclusion = line;
    },
    boot: (spec: BootSpec) => start(specOf(spec)),
    resume: async (booted: BootSpec, disk: string, state: string) => {
      const spec = specOf(booted);
      mkdirSync(spec.folder, { recursive: true });
      await runOnHost('cp', ['--sparse=always', '--reflink=auto', disk, overlayIn(spec.folder)]);
      return start({ ...spec, resumes: state });
    },
    bootAgain: (ended: Machine) => {
      const spec = machines.get(ended);
      if (spec === undefined) throw new Error('a machine of another scenario');
      return start({ ...spec, resumes: undefined });
    },
  });
  forgetEvidence(logFolder, scenario.name);
  timeline.say(scenario.title);
  try {
    await scenario.run(bed);
  } catch (error) {
    timeline.check('the scenario ran to its end', false, messageOf(error));
  }
  if (timeline.failed > 0) {
    await keepEvidence(logFolder, scenario.name, [...machines.keys()]);
    timeline.say(`console, journal and processes are kept in ${logFolder}`);
  }
  for (const close of closers.reverse()) await close();
  process.off('exit', removeFolder);
  removeFolder();
  timeline.say(`${timeline.passed} passed, ${timeline.failed} failed`);
  return { passed: timeline.passed, failed: timeline.failed, conclusion };
};
