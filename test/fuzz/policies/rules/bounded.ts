import { haltAgeMs } from '../../../../agent/monitor/policy/lifetime.ts';
import { UNKILLABLE_MS } from '../../../../agent/pilot/unkillable.ts';
import { isUp } from '../pilot.ts';
import type { Rule } from './rule.ts';

/** True times since when something has been going on in this boot. */
interface Since {
  boot: number;
  halting?: number | undefined;
  overdue?: number | undefined;
  held?: number | undefined;
  prepared?: string;
  stopping: Map<string, number>;
}

export const stepsAreBounded: Rule = {
  name: 'steps-are-bounded',
  told: 'each step towards the end takes no longer than its bound',
  watch: () => {
    let since: Since = { boot: -1, stopping: new Map() };
    return ({ world, input, output }) => {
      const { nowMs, boots } = world;
      const { state, decision } = output;
      const { killGrace } = input.context.ending;
      const lastMs = killGrace + UNKILLABLE_MS;
      if (since.boot !== boots) since = { boot: boots, stopping: new Map() };

      const { ending } = state;
      const isHalting = ending?.kind === 'halt';
      since.halting = isHalting ? (since.halting ?? nowMs) : undefined;
      if (since.halting !== undefined && nowMs - since.halting >= lastMs && !decision.finish)
        return 'the VM halts, and does not finish';

      const isOverdue =
        ending?.kind === 'drain' &&
        input.state.ending?.kind === 'drain' &&
        ending.deadline.bootId === input.snapshot.now.bootId &&
        ending.deadline.monotonicMs <= input.snapshot.now.monotonicMs;
      since.overdue =
        isOverdue && input.snapshot.lookedAt !== undefined ? (since.overdue ?? nowMs) : undefined;
      if (since.overdue !== undefined && nowMs - since.overdue >= lastMs)
        return 'the drain is over, and the VM does not halt';

      const isKnown = input.snapshot.preparation.state !== 'pending';
      // A VM that is contextualized after all may be held for another reason, and for as long again.
      const prepared = input.snapshot.preparation.state;
      const isSameHold =
        input.state.hold?.since.bootId === input.snapshot.now.bootId && since.prepared === prepared;
      since.prepared = prepared;
      since.held = isSameHold ? (since.held ?? world.lastLookMs) : undefined;
      // An agent that could write nothing down finds a hold that it has lifted, and lifts it again.
      const isHeld =
        state.hold !== undefined &&
        since.held !== undefined &&
        nowMs - since.held >= input.context.hold;
      const { mode } = input.context.policies.hold;
      if (isHeld && isKnown && ending === undefined && mode === 'enforce')
        return 'the VM is held for longer than it may be';

      for (const [slot, { state: doing, generation }] of Object.entries(state.slots)) {
        const id = `${slot}-${generation}`;
        if (doing !== 'stopping') {
          since.stopping.delete(id);
          continue;
        }
        // An agent that could write nothing down begins anew; what the VM waits for at most is latched.
        const wasStopping = input.state.slots[slot]?.state === 'stopping';
        const beganMs = wasStopping ? since.stopping.get(id) : undefined;
        // Until it knows its context, an agent whose VM does not end leaves its pilots alone.
        if (beganMs === undefined || (!isKnown && ending === undefined))
          since.stopping.set(id, nowMs);
        else if (nowMs - beganMs >= killGrace) {
          const isKilled = decision.actions.some(
            action => action.kind === 'signal' && action.signal === 'KILL' && action.slot === slot,
          );
          if (!isKilled) return `pilot ${id} has had its grace, and is not killed`;
        }
      }
      return undefined;
    };
  },
};

export const endsByHardEnd: Rule = {
  name: 'ends-by-hard-end',
  told: 'a VM halts early enough for its hard end, and finishes by it',
  watch: () => {
    let killedAtMs: number | undefined;
    return ({ world, input, output }) => {
      if (input.snapshot.preparation.state === 'pending') return undefined;
      const { context } = input;
      const { nowMs } = world;
      const { ending } = output.state;
      const isDue = nowMs >= haltAgeMs(context);
      if (isDue && ending?.kind !== 'halt') return 'the VM is as old as it may get, and works on';
      const isLate = nowMs >= context.policies.lifetime.max;
      const isUnkillable = killedAtMs !== undefined && nowMs > killedAtMs;
      const isEmpty = ![...world.pilots.values()].some(isUp);
      if (isLate && isUnkillable && !isEmpty && !output.decision.finish)
        return 'the hard end has passed, every pilot was killed, and the VM does not finish';
      const wasKilled =
        ending?.kind === 'halt' &&
        Object.values(output.state.slots).every(
          slot =>
            slot.state !== 'running' &&
            slot.state !== 'starting' &&
            (slot.state !== 'stopping' || slot.killed),
        );
      killedAtMs = wasKilled ? (killedAtMs ?? nowMs) : undefined;
      return undefined;
    };
  },
};
