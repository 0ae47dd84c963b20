import type { Status } from '../../agent/monitor/status.ts';
import type { VmSummary } from '../../receiver/fleet/vm-view.ts';

/** One line of the timeline: who, and what happened. */
export type Say = (who: string, what: string) => void;

/** Lines with the seconds since its making: `+  3.2 s  vm-2      draining: receiver: kernel update`. */
export const createSay = (write: (line: string) => void): Say => {
  const startedMs = performance.now();
  return (who, what) => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(5);
    write(`+${seconds} s  ${who.padEnd(9)} ${what}`);
  };
};

type Pilot = Status['pilots'][number];

/** What there is to tell of a pilot in its present state; nothing while it is on its way to another. */
const tellPilot = ({ slot, generation, state, cores, lastExit }: Pilot): string | undefined => {
  const name = `pilot ${slot}.${generation}`;
  if (state === 'running') return `${name} runs on ${cores} core${cores === 1 ? '' : 's'}`;
  if (state === 'stopping') return `${name} is told to end`;
  if (state === 'gave-up') return `${name} ended with ${lastExit ?? 'nothing known'}: given up`;
  return lastExit === undefined || state === 'starting' ? undefined : `${name} ended: ${lastExit}`;
};

/** Tells what is new in the statuses that the agent of one VM publishes. */
export const createAgentTeller = (vm: string, say: Say): ((status: Status) => void) => {
  let enrolled = false;
  let toldTurnMs = 0;
  const pilots = new Map<string, string>();
  return ({ receiver, turns, pilots: seen }) => {
    for (const { wallMs, phase, reason } of turns.filter(turn => turn.wallMs > toldTurnMs)) {
      toldTurnMs = wallMs;
      say(vm, reason === '' ? phase : `${phase}: ${reason}`);
    }
    if (!enrolled && receiver?.vmId !== undefined) {
      enrolled = true;
      say(vm, `enrolled as ${receiver.vmId}`);
    }
    for (const pilot of seen) {
      const told = tellPilot(pilot);
      if (told === undefined || pilots.get(pilot.slot) === told) continue;
      pilots.set(pilot.slot, told);
      say(vm, told);
    }
  };
};

/** Tells how the receiver sees the fleet, whenever that changes. */
export const createReceiverTeller = (say: Say): ((vms: readonly VmSummary[]) => void) => {
  const states = new Map<string, string>();
  return vms => {
    for (const { vmId, hostname, state } of vms) {
      if (states.get(vmId) === state) continue;
      states.set(vmId, state);
      say('receiver', `${hostname} is ${state}`);
    }
  };
};
