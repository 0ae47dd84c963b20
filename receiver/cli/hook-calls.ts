import { formatDuration } from '../../platform/duration.ts';
import { table } from '../../platform/table.ts';
import type { HookCallView } from '../fleet/hook-call-view.ts';
import type { VmDetail } from '../fleet/vm-view.ts';
import { type ReceiverClient, vmPath } from './receiver-client.ts';

/** As many of the last as a person wants to see at once. */
const SHOWN = 10;

/** What hooks were asked for a VM, newest first; a VM that has told no cloud was never asked about. */
export const hookCallsOf = async (
  client: ReceiverClient,
  { vmId, cloud }: VmDetail,
): Promise<HookCallView[]> => {
  if (cloud === null) return [];
  return ((await client.get(vmPath(vmId, '/deletion'))) as { calls: HookCallView[] }).calls;
};

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** A section of `show`; none where nothing was asked. */
export const hookCallTables = (calls: readonly HookCallView[]): string[] =>
  calls.length === 0
    ? []
    : [
        table(
          ['ITS CLOUD WAS ASKED', 'AT', 'OUTCOME', 'EXIT', 'TOOK', 'SAID'],
          calls
            .slice(0, SHOWN)
            .map(({ event, at, outcome, exitCode, tookMs, detail }) => [
              event,
              at,
              outcome ?? '-',
              String(exitCode ?? '-'),
              outcome === null ? '-' : formatDuration(tookMs),
              lastLine(detail),
            ]),
        ),
      ];
