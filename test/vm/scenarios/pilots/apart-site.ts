import type { GuestCheck } from '../../guest-check.ts';
import { contextFile } from '../../user-data.ts';
import { MEMORY_MB, SCRATCH_MB, TASKS } from './abuses.ts';
import { TASK_PILOT } from './task-pilot.ts';

const TOKEN = 'not-for-everybody';

export const SITE = contextFile('50-site.yaml', {
  version: 1,
  cvmfs: {
    repositories: ['vo.example.org'],
    proxies: 'http://squid1.example.org:3128;DIRECT',
    quotaMb: 1000,
  },
  // Nobody is to look at CVMFS before a pilot does.
  checks: { skip: ['cvmfs', 'squid', 'dns'] },
  metadata: { close: true },
  credentials: [{ name: 'pilot-token', variable: 'BEARER_TOKEN_FILE', content: TOKEN }],
  features: { scratchMbPerSlot: SCRATCH_MB, swapMbPerSlot: 0 },
  scratch: { disk: 'largest-blank' },
  pilots: {
    ...{ kind: 'command', command: [TASK_PILOT.path], slots: 'per-core' },
    ...{ memoryMbPerSlot: MEMORY_MB, tasksPerSlot: TASKS },
    backoff: { minimumRun: '1s', first: '1s', most: '1s', giveUpAfter: 100 },
  },
  ending: { drainDeadline: '5m', killGrace: '10s' },
  monitor: { tick: '2s' },
});

const GROUPS = '/sys/fs/cgroup/pilotage.slice/pilotage-pilots.slice/pilotage-pilot-0?-1.service';
const MB = 1024 * 1024;

const both = (what: string, file: string, value: string): GuestCheck => [
  what,
  `cat ${GROUPS}/${file}`,
  `${value}\n${value}`,
];

/** The pilots as the kernel holds them. */
export const FROM_OUTSIDE: readonly GuestCheck[] = [
  [
    'each pilot runs under its own user',
    `for group in ${GROUPS}; do ps -o user= -p $(head -n 1 $group/cgroup.procs); done`,
    'plt00\nplt01',
  ],
  both('with one core each', 'cpu.max', '100000 100000'),
  both('of equal weight', 'cpu.weight', '100'),
  both(`with ${MEMORY_MB} MB`, 'memory.max', String(MEMORY_MB * MB)),
  both('that are felt a little earlier', 'memory.high', String(Math.floor(MEMORY_MB * 0.95) * MB)),
  both('without swap', 'memory.swap.max', '0'),
  both(`with ${TASKS} tasks`, 'pids.max', String(TASKS)),
  [
    'they go first when memory is short',
    `cat /proc/$(head -n 1 $(ls -d ${GROUPS} | head -n 1)/cgroup.procs)/oom_score_adj`,
    '300',
  ],
  ['there is a way to the metadata service', 'ip route add 169.254.169.254/32 dev eth0', ''],
  ['nobody has looked at CVMFS yet', `awk '$2 ~ "^/cvmfs" { print $2 }' /proc/mounts`, '/cvmfs'],
];

/** What a pilot finds in its unit. */
export const viewsOf = (own: string, other: string): readonly GuestCheck[] => [
  ['its first look at CVMFS mounts it', 'cat /cvmfs/vo.example.org/README', 'vo.example.org'],
  [
    'it has namespaces of its own, and mounts /proc in them',
    `unshare -Urpf --mount-proc sh -c 'echo $$ $(id -u); ls -d /proc/[0-9]* | wc -l | grep -x "[1-5]" >/dev/null && echo few'`,
    '1 0\nfew',
  ],
  [
    'and /sys',
    `unshare -Urmn sh -c 'mount -t sysfs none /mnt && ls -d /mnt/class/net/*'`,
    '/mnt/class/net/lo',
  ],
  [
    'and a container’s root over CVMFS',
    `mkdir -p up work root && unshare -Urm sh -c 'mount -t overlay -o lowerdir=/cvmfs/vo.example.org,upperdir=up,workdir=work none root && echo more >root/more && ls root'`,
    'README\nmore',
  ],
  ['its credential is there', 'cat "$BEARER_TOKEN_FILE"', TOKEN],
  [
    'and its features',
    'cat "$JOBFEATURES/scratch_limit_bytes" "$MACHINEFEATURES/total_cpu"',
    `${SCRATCH_MB * MB}\n2`,
  ],
  [
    'of our folder it sees no more',
    'ls /run/pilotage /run/pilotage/*',
    [
      ...['/run/pilotage:', 'credentials', 'jobfeatures', 'machinefeatures', 'pilots', 'told', ''],
      ...['/run/pilotage/credentials:', `plt${own}`, '', '/run/pilotage/jobfeatures:', own, ''],
      ...['/run/pilotage/machinefeatures:', 'grace_secs', 'shutdowntime', 'total_cpu', ''],
      ...['/run/pilotage/pilots:', `${own}-1`, '', '/run/pilotage/told:'],
    ].join('\n'),
  ],
  [
    'it cannot write there',
    'touch /run/pilotage/x /run/pilotage/told/draining 2>/dev/null || echo refused',
    'refused',
  ],
  ['of scratch it sees its own', 'ls /scratch', `plt${own}`],
  [
    'nothing of the agent’s is to be read',
    'for f in /var/lib/pilotage /etc/pilotage/context.d /var/log/pilotage /var/lib/cloud/instance /run/dbus /run/pilotage-exits; do ls $f/ >/dev/null 2>&1 && echo $f; done',
    '',
  ],
  ['it sees no process but its own', 'ps -eo user= | sort -u', `plt${own}`],
  ['it can signal no neighbour’s', `pkill -0 -U plt${other} && echo reached || echo none`, 'none'],
  ['its /tmp is empty', 'ls -A /tmp /var/tmp', '/tmp:\n\n/var/tmp:'],
  [
    'and in its own scratch',
    'echo here >/tmp/mark; stat -c %m /tmp "$HOME" | xargs -n1 df --output=source | grep -c vd',
    '2',
  ],
  [
    'its /dev/shm is its own',
    'ls -A /dev/shm; df -m --output=size /dev/shm | tail -n 1 | tr -d " "',
    String(MEMORY_MB),
  ],
  ['it cannot ask for rights', 'grep NoNewPrivs /proc/self/status', 'NoNewPrivs:\t1'],
  [
    'nor for the metadata service, not even as root of a namespace',
    `for as in "" "unshare -Ur"; do $as python3 -c '
import socket
try: socket.create_connection(("169.254.169.254", 80), 10); print("open")
except OSError as e: print(type(e).__name__)'; done`,
    'ConnectionRefusedError\nConnectionRefusedError',
  ],
];
