import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ApplyPorts } from '../../../agent/context/apply.ts';
import { isInMasterMap, parseMounts } from '../../../agent/context/cvmfs-mounts.ts';
import { PilotageError } from '../../../platform/errors.ts';
import { createExec, type Exec, type ExecResult, SYSTEM_ENV } from '../../../platform/exec.ts';
import type { Files } from '../../../platform/files.ts';
import { createFolderMachine } from '../folder-machine.ts';
import { createLeapingClock } from '../leaping-clock.ts';
import { createMemorySystem } from '../memory-system.ts';
import { createStepPorts } from '../step-ports.ts';
import { CLIENT_FILES, type ClientFile, domainFiles, repositoryFiles } from './client-files.ts';

const MAPS = ['/etc/auto.master.d/cvmfs.autofs', '/etc/auto.master'];
const MAX_BYTES = 100_000;

export interface CvmfsMachine {
  root: string;
  files: Files;
  ports: ApplyPorts;
  /** Programs that steps ran, one a line, and what they told the system. */
  ran: string[];
  put(more: readonly ClientFile[]): void;
  /** Runs a program of the stand-in. */
  run(program: string, ...args: string[]): Promise<ExecResult>;
  read(path: string): Promise<string>;
  /** As autofs would when something looks there. */
  access(repository: string): Promise<ExecResult>;
  mounts(): Promise<string[]>;
}

/**
 * A folder with the stand-in for the CVMFS client, and repositories of a.example.org and
 * b.example.org. Programs that would touch the machine are done on the folder's files; others fail.
 */
export const createCvmfsMachine = async (): Promise<CvmfsMachine> => {
  const { root, files } = createFolderMachine();
  const host = createExec();
  const ran: string[] = [];
  // Not by the port, which syncs each: these files need not outlive a power cut.
  const put = (more: readonly ClientFile[]): void => {
    for (const { path, content, mode } of more) {
      mkdirSync(dirname(files.locate(path)), { recursive: true });
      writeFileSync(files.locate(path), content, { mode });
    }
  };
  const read = async (path: string): Promise<string> => (await files.read(path, MAX_BYTES)) ?? '';
  const run = (program: string, ...args: string[]): Promise<ExecResult> =>
    host.run('sh', [files.locate(program), ...args], {
      timeoutMs: 20_000,
      env: { ...SYSTEM_ENV, CVMFS_STAND_IN_ROOT: root },
    });
  const keepMounts = async (keep: (target: string, type: string) => boolean): Promise<void> => {
    const lines = (await read('/proc/mounts')).split('\n').filter(line => {
      const [mount] = parseMounts(line);
      return mount !== undefined && keep(mount.target, mount.type);
    });
    await files.write('/proc/mounts', lines.map(line => `${line}\n`).join(''), { mode: 0o644 });
  };
  const unmount = async (target: string): Promise<void> => {
    await keepMounts(mounted => mounted !== target);
    for (const name of await files.list(target)) await files.remove(`${target}/${name}`);
  };
  const mount = async (target: string): Promise<ExecResult> => {
    const line = parseMounts(await read('/etc/fstab')).find(found => found.target === target);
    if (line?.type !== 'cvmfs') throw new PilotageError('command-failed', `no ${target} in fstab`);
    return run('/usr/sbin/mount.cvmfs', line.source, target, '-o', 'rw,nodev,_netdev');
  };
  const done: ExecResult = { exitCode: 0, stdout: '', stderr: '' };
  const exec: Exec = {
    run: async (command, args, options) => {
      ran.push([command, ...args].join(' ').replaceAll(root, ''));
      const [target = ''] = args;
      if (command.startsWith('/usr/bin/cvmfs')) return run(command, ...args);
      if (command === 'mount') return mount(target);
      if (command === 'umount') return unmount(target).then(() => done);
      if (command === 'rmdir') return host.run(command, args, options);
      throw new PilotageError('command-failed', `${command} is not here`);
    },
  };
  const reloadAutomounter = async (): Promise<void> => {
    const isNamed = (await Promise.all(MAPS.map(read))).some(isInMasterMap);
    if (!isNamed) await keepMounts((_, type) => type !== 'autofs');
  };
  const system = {
    ...createMemorySystem({}),
    reload: async (service: string) => {
      ran.push(`reload ${service}`);
      await reloadAutomounter();
    },
    restart: async (service: string) => void ran.push(`restart ${service}`),
    reloadUnits: async () => void ran.push('reload units'),
  };
  put([
    ...CLIENT_FILES,
    ...domainFiles('example.org'),
    ...repositoryFiles('a.example.org'),
    ...repositoryFiles('b.example.org'),
    { path: '/proc/mounts', content: 'proc /proc proc rw 0 0\n', mode: 0o644 },
    { path: '/etc/auto.master', content: '+dir:/etc/auto.master.d\n', mode: 0o644 },
    { path: '/etc/auto.master.d/net.autofs', content: '/net -hosts\n', mode: 0o644 },
    { path: '/etc/fstab', content: '/dev/vda1 / ext4 defaults 0 1\n', mode: 0o644 },
  ]);
  const ports = createStepPorts(files, { exec, system, clock: createLeapingClock() });
  return {
    root,
    files,
    ports,
    ran,
    put,
    run,
    read,
    access: async repository => {
      await files.makeDirectory(`/cvmfs/${repository}`, { mode: 0o755 });
      return run('/usr/sbin/mount.cvmfs', repository, `/cvmfs/${repository}`);
    },
    mounts: async () =>
      parseMounts(await read('/proc/mounts'))
        .map(({ target, type }) => `${target} ${type}`)
        .filter(line => line.startsWith('/cvmfs')),
  };
};
