import { OUTCOMES, type Outcome } from '../pilot/outcome.ts';
import { isFailure, mostTelling, slotEndOf } from '../pilot/slot-end.ts';
import type { MonitorState } from './state.ts';

type Ended = Pick<MonitorState, 'ending' | 'hold' | 'slots'>;

/** An end that the host, or whoever runs the VM, asked for. */
const ASKED = { vac: 100, told: 'asked to shut down' };
const MAX_CHARS = 300;

/** What all slots suffer from; nothing while one of them is well. */
const commonFailure = (ends: readonly (Outcome | undefined)[]): Outcome | undefined =>
  ends.every(isFailure) ? mostTelling(ends) : undefined;

const findingOf = ({ ending, hold, slots }: Ended): { vac: number; told: string } => {
  const ends = Object.values(slots).map(slotEndOf);
  const failure = commonFailure(ends);
  switch (ending?.by) {
    case 'receiver':
    case 'operator':
    case 'system-stop':
    case 'preemption':
      return ASKED;
    case 'reboots':
      return OUTCOMES['bad-node'];
    case 'hold':
      // Held for what its pilots came to, or because it could not be prepared.
      return OUTCOMES[mostTelling(ends.filter(isFailure)) ?? 'bad-node'];
    case 'pilots-ended':
    case 'pilots-gave-up':
      return OUTCOMES[mostTelling(ends) ?? 'work-done'];
    case 'lost-receiver':
      return OUTCOMES['site-problem'];
    case 'campaign-end':
    case 'budget':
    case 'downtime':
      return OUTCOMES['nothing-to-do'];
    case 'no-payloads':
    case 'zero-load':
      return OUTCOMES[failure ?? 'nothing-to-do'];
    default:
      return OUTCOMES[failure ?? (hold === undefined ? 'work-done' : 'bad-node')];
  }
};

/**
 * What a VM came to, in the words of Vac and Vcycle: one line `NNN text`. From 300 on their managers back
 * off. Pure.
 */
export const shutdownMessageOf = (state: Ended): string => {
  const { vac, told } = findingOf(state);
  const { ending } = state;
  const why = ending === undefined ? [] : [ending.by, ending.reason].filter(part => part !== '');
  return [`${vac} ${told}`, ...why]
    .join(': ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .slice(0, MAX_CHARS);
};
