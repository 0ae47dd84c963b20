import type { Context } from '../../../../../agent/context/schema.ts';
import type { Judgement, Policy, PolicyInput } from '../../../../../agent/monitor/policy/policy.ts';
import { newMonitorState } from '../../../../../agent/monitor/state.ts';
import { BUSY, contextOf, READY, T0 } from '../worlds.ts';

interface Case extends Partial<Omit<PolicyInput, 'snapshot' | 'state'>> {
  state?: Partial<PolicyInput['state']>;
  snapshot?: Partial<PolicyInput['snapshot']>;
}

/** What a policy says of a VM that is well and busy, but for what the case says. */
export const judgementOf = (
  policy: Policy,
  { state = {}, snapshot = {}, context = contextOf(), since, spread = 0 }: Case,
): Judgement =>
  policy.judge({
    state: { ...newMonitorState('i-1', T0), ...state },
    snapshot: {
      ...{ now: T0, preparation: READY, readings: BUSY, sightings: [], orders: [] },
      ...{ canPersist: true, jitter: 0 },
      ...snapshot,
    },
    context,
    since,
    spread,
  });

/** Of a VM whose context has this receiver, too. */
export const withReceiver = (parts: object = {}): Context =>
  contextOf({
    receiver: { url: 'https://receiver.example.org:8443', enrolmentSecret: 'secret' },
    ...parts,
  });
