import { FAILED, measured, NO_DATA } from '../../reading.ts';
import type { PilotKind } from './kind.ts';

/**
 * Any program. It may say what it does by writing one line into $PILOTAGE_STATUS_FILE: `idle`, `busy`
 * or `busy N` for N payloads. A program that never says so is neither idle nor busy: there is no data.
 */
export const commandKind: PilotKind = {
  name: 'command',
  launch: ({ command, environment }) => ({ command, environment }),
  payloads: status => {
    if (status === undefined || status.trim() === '') return NO_DATA;
    const match = /^(?:(idle)|busy(?:\s+(\d{1,6}))?)\s*$/.exec(status.trim());
    if (match === null) return FAILED;
    return measured(match[1] === 'idle' ? 0 : Number(match[2] ?? 1));
  },
};
