import type { HostReceiver } from '../host-receiver.ts';
import type { Machine } from '../machine.ts';
import { contextFile, type GuestFile, receiverContext } from '../user-data.ts';
import { PAYLOAD } from './payload.ts';
import { faultSite, HOLD, type SiteSpec } from './site.ts';
import type { World } from './worlds.ts';

/** systemd's own patience with the agent: shorter than the shipped unit's, but not than a busy core's pauses. */
const PATIENCE: GuestFile = {
  path: '/run/systemd/system/pilotage-agent.service.d/50-fault.conf',
  permissions: '0644',
  content: '[Service]\nWatchdogSec=75s\nTimeoutStartSec=60s\nTimeoutStopSec=15s\n',
};

/** Puts files into the guest, and lets systemd see them. */
export const putFiles = (files: readonly GuestFile[]): string =>
  [
    'set -e',
    ...files.flatMap(({ path, permissions, content }) => [
      `mkdir -p "$(dirname ${path})"`,
      `echo ${Buffer.from(content).toString('base64')} | base64 -d >${path}`,
      `chmod ${permissions} ${path}`,
    ]),
    'systemctl daemon-reload',
  ].join('\n');

/**
 * Gives a machine that was held back its context, and starts what a boot would start.
 * @param before run inside right before
 */
export const startAgent = async (
  vm: Machine,
  { units, receiverAddress }: World,
  receiver: HostReceiver,
  site: SiteSpec,
  before = ':',
): Promise<void> => {
  const uptimeS = Number((await vm.run("cut -d ' ' -f 1 /proc/uptime")).output);
  const lifeline = { ...receiverContext(receiver, receiverAddress), hold: HOLD };
  const files = [
    contextFile('00-receiver.yaml', lifeline),
    faultSite(site, uptimeS),
    PAYLOAD,
    PATIENCE,
  ];
  const start = `systemctl start --no-block ${units.join(' ')}`;
  const started = await vm.run([putFiles(files), before, start].join('\n'));
  if (started.exitCode !== 0) throw new Error(`the agent was not started: ${started.output}`);
};
