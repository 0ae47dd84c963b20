import { createGcePoller, GCE_EVERY_MS, GCE_LOOK_MS } from './gce-poller.ts';
import type { Announcement, NoticeSource } from './source.ts';

/**
 * "Query the metadata server for maintenance event notices": 60 s, and only for who asks. What is migrated
 * live goes on.
 */
const VALUES = new Map<string, Announcement | undefined>([
  ['NONE', undefined],
  ['MIGRATE_ON_HOST_MAINTENANCE', undefined],
  [
    'TERMINATE_ON_HOST_MAINTENANCE',
    {
      id: 'maintenance',
      kind: 'preempt',
      leftMs: 60_000,
      told: 'TERMINATE',
      because: "GCE stops this VM within 1m for its host's maintenance",
    },
  ],
]);

export const gceMaintenance: NoticeSource = {
  name: 'gce-maintenance',
  isFor: ({ cloud }) => cloud === 'gce',
  everyMs: () => GCE_EVERY_MS,
  timeoutMs: GCE_LOOK_MS,
  create: (ports, _vm, signal) => createGcePoller(ports, 'maintenance-event', signal, VALUES),
};
