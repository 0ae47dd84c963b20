import { stringify } from 'yaml';
import type { GuestCheck } from '../../guest-check.ts';

/** A pilot that needs no file: at work until its VM drains. */
const COMMAND = [
  '/bin/sh',
  '-c',
  'echo "busy 1" >"$PILOTAGE_STATUS_FILE"; until [ -e "$PILOTAGE_DRAIN_FILE" ]; do sleep 1; done',
];

/** The context that every cloud's scenario brings; each may add to it. */
export const SITE = {
  version: 1,
  cvmfs: {
    repositories: ['vo.example.org'],
    proxies: 'http://squid1.example.org:3128;DIRECT',
    quotaMb: 1500,
  },
  // No client, no squid and no server of names are here.
  checks: { skip: ['cvmfs', 'squid', 'dns'] },
  proxy: { http: 'http://squid1.example.org:3128' },
  credentials: [
    { name: 'pilot-token', variable: 'BEARER_TOKEN_FILE', content: 'not-for-everybody' },
  ],
  pilots: { kind: 'command', command: COMMAND, slots: 'per-core' },
  ending: { drainDeadline: '5m', killGrace: '10s' },
  monitor: { tick: '2s' },
} as const;

/** What must be so in the guest thereafter, on every cloud. */
export const SITE_CHECKS: readonly GuestCheck[] = [
  ['CVMFS is configured', 'stat -c "%U %a" /etc/cvmfs/default.local', 'root 644'],
  [
    'each slot has a user with a scratch folder',
    'stat -c "%U:%G %a" /scratch/plt00 /scratch/plt01',
    'plt00:pilots 700\nplt01:pilots 700',
  ],
  [
    'the credential is in memory, for its owner only',
    'cd /run/pilotage/credentials/plt00; stat -c "%U %a" pilot-token; stat -f -c %T pilot-token',
    'plt00 600\ntmpfs',
  ],
  ['the machine features are published', 'cat /run/pilotage/machinefeatures/total_cpu', '2'],
  ['no disk of the cloud is left mounted', 'ls -A /run/pilotage/disks 2>/dev/null', ''],
];

export const contextText = (...contexts: readonly object[]): string =>
  stringify(Object.assign({}, ...contexts));
