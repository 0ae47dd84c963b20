import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { VmImage } from './base-image.ts';
import { createConsole } from './console.ts';
import { makeExtras, makeOverlay, makeSeed } from './drives.ts';
import { connectGuestShell, type GuestResult } from './guest-shell.ts';
import type { ExtraDisk, Hardware } from './hardware/hardware.ts';
import { type Forward, qemuArguments } from './qemu-command.ts';
import { connectQmp } from './qmp.ts';

export interface MachineSpec {
  name: string;
  image: VmImage;
  hardware: Hardware;
  forwards: readonly Forward[];
  /** Beside its root and the cloud's own. */
  disks?: readonly ExtraDisk[];
  /**
   * A folder for its disks and sockets; short, since a socket's path holds 107 characters. Disks that
   * are there from an earlier boot are booted from again.
   */
  folder: string;
  /** A state kept on those disks by `saveState`: it goes on from there instead of booting. */
  resumes?: string | undefined;
}

export interface Machine {
  /** Its root, with the states that are kept on it: whole once it has ended. */
  disk: string;
  /** All that it has written on its serial console. */
  console(): string;
  /** All that its journal holds, whether it still runs or not. */
  journal(): string;
  waitForConsole(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** Runs a shell command inside as root; 60 s unless said otherwise. */
  run(command: string, timeoutMs?: number): Promise<GuestResult>;
  /** Waits for its end; tells why it stopped: `guest-shutdown` is a power-off by the guest. */
  waitForExit(timeoutMs: number): Promise<string>;
  /**
   * Looks into a guest that answers nothing: its processors' registers twice, while its kernel is asked
   * by the keyboard to tell of all processors and tasks on its console.
   */
  dissect(): Promise<string>;
  /** Presses ACPI's power button, as clouds do to stop a VM. */
  powerButton(): Promise<void>;
  /** As when the power fails. */
  powerKill(): Promise<void>;
  /** Keeps the running machine, memory and disk, under a name, within its own disk. */
  saveState(name: string): Promise<void>;
  /** Back to a kept state, the clock set right; connections from before are dead. */
  loadState(name: string): Promise<void>;
}

/** Of the kernel's magic: print all, then every processor's stack, then the tasks that are blocked. */
const DISSECTING_KEYS = ['9', 'l', 'w'];

/** Fails after a time with a plain word, without ending what it waits for. */
const within = async <T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} took over ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
};

const prepareFiles = async ({ folder, image, hardware, disks = [], resumes }: MachineSpec) => {
  mkdirSync(folder, { recursive: true });
  const session = mkdtempSync(join(folder, 'boot-'));
  return {
    overlay: await makeOverlay(folder, image.disk),
    seed: hardware.seed && (await makeSeed(folder, hardware.seed)),
    extras: await makeExtras(folder, disks),
    qmpSocket: join(session, 'qmp'),
    shellSocket: join(session, 'shell'),
    journal: join(session, 'journal'),
    resumes,
  };
};

/** Starts a VM on an overlay of its own. It dies with this process, however that ends. */
export const bootMachine = async (spec: MachineSpec): Promise<Machine> => {
  const files = await prepareFiles(spec);
  const qemu = [
    'qemu-system-x86_64',
    ...qemuArguments(spec.image, spec.hardware, files, spec.forwards),
  ];
  // setpriv: the kernel ends QEMU when this process ends, even by SIGKILL.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...qemu], { stdio: 'pipe' });
  const console = createConsole();
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', console.add);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      console.end(`QEMU ended (${signal ?? code}) ${complaints.trim()}`.trim());
      resolve();
    });
  });
  const [qmp, shell] = await Promise.race([
    Promise.all([connectQmp(files.qmpSocket), connectGuestShell(files.shellSocket)]),
    ended.then(() => Promise.reject(new Error(`QEMU did not start: ${complaints.trim()}`))),
  ]);
  const monitor = async (command: string): Promise<void> => {
    const answer = (await within(qmp.monitor(command), 60_000, command)).trim();
    if (answer !== '') throw new Error(`${command}: ${answer}`);
  };
  const run: Machine['run'] = (command, timeoutMs = 60_000) => shell.run(command, timeoutMs);
  const setClock = async (): Promise<void> => {
    await run(`date -s @${(Date.now() / 1000).toFixed(3)}`);
  };
  if (spec.resumes !== undefined) await setClock();
  return {
    disk: files.overlay,
    console: console.text,
    journal: () => readFileSync(files.journal, 'utf8').replaceAll('\r', ''),
    waitForConsole: console.waitFor,
    run,
    waitForExit: async timeoutMs => {
      await within(ended, timeoutMs, `the end of ${spec.name}`);
      return qmp.shutdownReason() ?? `QEMU ended: ${complaints.trim()}`;
    },
    dissect: async () => {
      const ask = (command: string): Promise<string> =>
        within(qmp.monitor(command), 10_000, command);
      const before = await ask('info registers -a');
      for (const key of DISSECTING_KEYS) {
        await ask(`sendkey alt-sysrq-${key}`);
        await pause(2000);
      }
      return [before, await ask('info registers -a'), await ask('info status')].join('\n');
    },
    powerButton: () => monitor('system_powerdown'),
    powerKill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    saveState: name => monitor(`savevm ${name}`),
    loadState: async name => {
      await monitor(`loadvm ${name}`);
      await setClock();
    },
  };
};
