import { createGcePoller, GCE_EVERY_MS, GCE_LOOK_MS } from './gce-poller.ts';
import type { Announcement, NoticeSource } from './source.ts';

/** "Preemption process" of Google's documentation of Spot VMs: 30 s, and ACPI's power button beside it. */
const VALUES = new Map<string, Announcement | undefined>([
  ['FALSE', undefined],
  [
    'TRUE',
    {
      id: 'preempted',
      kind: 'preempt',
      leftMs: 30_000,
      told: 'TRUE',
      because: 'GCE preempts this VM within 30s',
    },
  ],
]);

export const gcePreempted: NoticeSource = {
  name: 'gce-preempted',
  isFor: ({ cloud, lifeCycle }) => cloud === 'gce' && lifeCycle !== 'normal',
  everyMs: () => GCE_EVERY_MS,
  timeoutMs: GCE_LOOK_MS,
  create: (ports, _vm, signal) => createGcePoller(ports, 'preempted', signal, VALUES),
};
