import { safeText } from '../../platform/table.ts';
import type { DirectiveKind } from '../../protocol/directive.ts';
import type { FleetState } from '../fleet/fleet-state.ts';
import { print, printJson } from './command.ts';
import { type ClientArgs, vmPath, withReceiver } from './receiver-client.ts';

interface Ordered {
  id: string;
  vmId: string;
  hostname: string;
  state: FleetState;
}

const prospect = (state: FleetState): string => {
  if (state === 'halted') return 'It has halted, so nothing will come of this.';
  if (state === 'stalled') return 'It has gone silent: it will be told if it speaks again.';
  return 'It will be told with its next heartbeat.';
};

/** Posts a directive for one VM, and says what will come of it. */
export const order = (
  args: ClientArgs & { VM: string },
  directive: { kind: DirectiveKind } & Record<string, string | number | undefined>,
): Promise<void> =>
  withReceiver(args, async client => {
    const ordered = (await client.post(vmPath(args.VM, '/directives'), directive)) as Ordered;
    const { id, vmId, hostname, state } = ordered;
    if (args.json) printJson(ordered);
    else
      print(
        `${directive.kind} ${vmId} (${safeText(hostname)}): directive ${id}. ${prospect(state)}`,
      );
  });
