import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createExec } from '../../platform/exec.ts';
import { pollUntil } from '../support/poll-until.ts';

/** Where the pilot's side of the machine listens; the pool has 127.0.0.1. */
export const PILOT_ADDRESS = '10.99.0.2';
const READY_MARK = '/run/namespace-ready';

/**
 * Makes a machine of a read-only root: what is written lies in memory, and processes, network, host name
 * and mounts are its own, so that all of it is gone with its first process.
 */
const SETUP = `
set -e
root=$1 binary=$2
ip link set lo up
for address in $3; do ip addr add "$address/32" dev lo; done
hostname worker
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir="$root",upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
cd /mnt/root
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
echo '127.0.0.1 localhost worker' >etc/hosts
echo 0123456789abcdef0123456789abcdef >etc/machine-id
rm -rf run/systemd
cp "$binary" usr/local/bin/pilotage-agent
touch .${READY_MARK}
# Not by chroot, in which the kernel lets nobody make user namespaces, as containers do.
mkdir -p .old
pivot_root . .old
exec chroot . sh -c 'umount -l /.old; trap "exit 0" TERM; while :; do sleep 1000 & wait; done'
`;

/** A machine without systemd, as a container is one. */
export interface NamespaceMachine {
  /** Runs a shell's text inside, as root or as a user; what it prints. Fails where it fails. */
  run(script: string, options?: { timeoutMs?: number }): Promise<string>;
  /** Its network, as a path for nsenter(1). */
  network(): string;
  /** Ends every process and mount of it. */
  stop(): Promise<void>;
}

const childOf = (pid: number): number | undefined => {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return child === undefined || child === '' ? undefined : Number(child);
};

export const startNamespaceMachine = async (
  root: string,
  binary: string,
  addresses: readonly string[] = [PILOT_ADDRESS],
): Promise<NamespaceMachine> => {
  const exec = createExec();
  const spaces = ['--pid', '--fork', '--kill-child', '--mount-proc', '--mount', '--net', '--uts'];
  const outer = spawn(
    'unshare',
    [...spaces, 'sh', '-c', SETUP, 'setup', root, binary, addresses.join(' ')],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const ended = once(outer, 'exit');
  const { pid } = outer;
  if (pid === undefined) throw new Error('unshare could not be started');
  const enter = ['--pid', '--mount', '--net', '--uts', '--root'];
  const innerPid = (): string => {
    const inner = childOf(pid);
    if (inner === undefined) throw new Error('the machine has ended');
    return String(inner);
  };
  const run: NamespaceMachine['run'] = async (script, { timeoutMs = 60_000 } = {}) => {
    const inner = innerPid();
    const { stdout } = await exec.run(
      'nsenter',
      ['--target', inner, ...enter, 'bash', '-e', '-c', `cd /\n${script}`],
      { timeoutMs, maxOutputBytes: 1024 * 1024 },
    );
    return stdout;
  };
  const stop = async (): Promise<void> => {
    if (outer.exitCode === null && outer.signalCode === null) outer.kill('SIGKILL');
    await ended;
  };
  try {
    await pollUntil('the machine is made', { timeoutMs: 30_000 }, async () => {
      if (outer.exitCode !== null) throw new Error('the machine could not be made');
      return childOf(pid) !== undefined
        ? await run(`test -e ${READY_MARK}`).then(
            () => true,
            () => undefined,
          )
        : undefined;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { run, stop, network: () => `/proc/${innerPid()}/ns/net` };
};
