import type { GuestCheck } from '../guest-check.ts';
import { contextFile, TEST_PILOT } from '../user-data.ts';

export const MEMORY_MB = 200;

/** A context that uses all that a VM can be told. */
export const SITE = contextFile('50-site.yaml', {
  version: 1,
  cvmfs: {
    repositories: ['vo.example.org'],
    proxies: 'http://squid1.example.org:3128;DIRECT',
    quotaMb: 1500,
  },
  // No squid is here; what the node lacks is another scenario's.
  checks: { skip: ['squid', 'dns'] },
  proxy: { http: 'http://squid1.example.org:3128' },
  credentials: [
    { name: 'pilot-token', variable: 'BEARER_TOKEN_FILE', content: 'not-for-everybody' },
  ],
  pilots: {
    kind: 'command',
    command: [TEST_PILOT.path],
    slots: 'per-core',
    memoryMbPerSlot: MEMORY_MB,
    tasksPerSlot: 64,
    restart: 'always',
  },
  ending: { drainDeadline: '5m', killGrace: '10s' },
  monitor: { tick: '2s' },
});

/** What the context asked for, as `stat`, `id` and `cat` see it. */
export const EXPECTED: readonly GuestCheck[] = [
  ['CVMFS is configured', 'stat -c "%U %a" /etc/cvmfs/default.local', 'root 644'],
  [
    'with proxies and quota',
    '. /etc/cvmfs/default.local; echo "$CVMFS_HTTP_PROXY" $CVMFS_QUOTA_LIMIT',
    'http://squid1.example.org:3128;DIRECT 1500',
  ],
  [
    'log-ins know the web proxy',
    '. /etc/profile.d/pilotage-proxy.sh; echo $http_proxy',
    'http://squid1.example.org:3128',
  ],
  [
    'apt knows it too',
    'apt-config shell p Acquire::http::Proxy',
    "p='http://squid1.example.org:3128'",
  ],
  [
    'each slot has a user who cannot log in',
    'getent passwd plt00 plt01 | cut -d: -f1,6,7',
    'plt00:/scratch/plt00:/usr/sbin/nologin\nplt01:/scratch/plt01:/usr/sbin/nologin',
  ],
  ['of the group pilots', 'id -gn plt01', 'pilots'],
  [
    'and a scratch folder that is closed to others',
    'stat -c "%U:%G %a" /scratch/plt00 /scratch/plt01',
    'plt00:pilots 700\nplt01:pilots 700',
  ],
  [
    'the credential is there for its owner only',
    'stat -c "%U %a" /run/pilotage/credentials/plt00/pilot-token',
    'plt00 600',
  ],
  ['it is in memory', 'stat -f -c %T /run/pilotage/credentials/plt00/pilot-token', 'tmpfs'],
  [
    'its owner can read it',
    'setpriv --reuid plt00 --regid pilots --clear-groups cat /run/pilotage/credentials/plt00/pilot-token',
    'not-for-everybody',
  ],
  [
    'another pilot cannot',
    'setpriv --reuid plt01 --regid pilots --clear-groups cat /run/pilotage/credentials/plt00/pilot-token 2>/dev/null || echo refused',
    'refused',
  ],
  [
    'no pilot can read the context',
    'setpriv --reuid plt01 --regid pilots --clear-groups cat /etc/pilotage/context.d/00-receiver.yaml 2>/dev/null || echo refused',
    'refused',
  ],
  ['the machine features are published', 'cat /run/pilotage/machinefeatures/total_cpu', '2'],
  [
    'and the job features',
    'cat /run/pilotage/jobfeatures/01/allocated_cpu /run/pilotage/jobfeatures/01/max_rss_bytes',
    `1\n${MEMORY_MB * 1024 * 1024}`,
  ],
  [
    'the VM keeps its credential to itself',
    'stat -c "%U %a" /var/lib/pilotage/enrolment.json',
    'root 600',
  ],
];
