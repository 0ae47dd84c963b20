import type { Clock } from '../../platform/clock.ts';
import { isPilotageError, messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { Acknowledgement, PeekDirective } from '../../protocol/directive.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeekAnswer, PeekThing } from '../../protocol/peek.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { unitId } from '../pilot/unit/unit.ts';
import type { LookPorts, PilotInView } from './pilot-in-view.ts';

export interface PeekerPorts extends LookPorts {
  clock: Clock;
  log: Log;
  /** What the context lets be looked at. */
  allowed(): readonly PeekThing[];
  /** The pilot that runs in a slot now; `undefined` where none does. */
  find(slot: string): Promise<PilotInView | undefined>;
  /** Tells the receiver what was seen; fails as the uplink does. */
  answer(id: string, answer: PeekAnswer, signal: AbortSignal): Promise<void>;
  /** The receiver should hear of an acknowledgement soon. */
  acknowledged(): void;
}

/** Looks at pilots when the receiver asks, one look after the other, beside the ticks. */
export interface Peeker {
  /** However often one is repeated, it is taken once. */
  obey(directives: readonly PeekDirective[]): void;
  acknowledgements(): readonly Acknowledgement[];
  stop(): Promise<void>;
}

const KEPT = 64;

export const createPeeker = (ports: PeekerPorts): Peeker => {
  const { clock, log } = ports;
  const stop = new AbortController();
  const taken = new Map<string, Acknowledgement | undefined>();
  let working: Promise<void> = Promise.resolve();

  const refusal = (
    { thing, expiresInMs }: PeekDirective,
    receivedMs: number,
  ): Omit<Acknowledgement, 'id'> | undefined => {
    const allowed = ports.allowed();
    if (!allowed.includes(thing)) {
      const those = allowed.length === 0 ? 'nothing' : `only ${allowed.join(', ')}`;
      const detail = `the context of this VM lets ${those} be looked at: see peek.allow`;
      return { outcome: 'refused', detail };
    }
    return clock.monotonicMs() - receivedMs < expiresInMs
      ? undefined
      : { outcome: 'expired', detail: 'it expired before it was seen' };
  };

  const seeAndTell = async (directive: PeekDirective): Promise<Omit<Acknowledgement, 'id'>> => {
    const { id, pilot: name } = directive;
    const [slot = '', generation] = name.split('-');
    const pilot = await ports.find(slot);
    if (pilot === undefined) return { outcome: 'refused', detail: `no pilot runs in slot ${slot}` };
    const unit = unitId(pilot.unit);
    if (generation !== undefined && unit !== `${slot}-${Number(generation)}`)
      return { outcome: 'refused', detail: `${name} has ended; ${unit} runs there` };
    // The rooms that look are of no use to an agent of which nobody asks anything.
    const { look } = await import('./look.ts');
    const { text, isCut = false, nextByte } = await look(ports, pilot, directive);
    const answer = { protocol: PROTOCOL_VERSION, unit, text, isCut };
    const place = nextByte === undefined ? {} : { nextByte };
    await ports.answer(id, { ...answer, ...place }, stop.signal);
    return { outcome: 'done', detail: '' };
  };

  /** `undefined` where the receiver could not be told: it asks again for as long as it wants to know. */
  const endOf = async (
    directive: PeekDirective,
    receivedMs: number,
  ): Promise<Omit<Acknowledgement, 'id'> | undefined> => {
    try {
      return refusal(directive, receivedMs) ?? (await seeAndTell(directive));
    } catch (error) {
      if (!isPilotageError(error)) {
        // A mistake of ours in a look must not end an agent that pilots depend on.
        log.error({ peek: directive.id, error: messageOf(error) }, 'a look went wrong');
        return { outcome: 'refused', detail: 'the agent could not look: see its log' };
      }
      if (error.code.startsWith('http-') && error.code !== 'http-refused') return undefined;
      return { outcome: 'refused', detail: messageOf(error).slice(0, LIMITS.textChars) };
    }
  };

  const take = async (directive: PeekDirective, receivedMs: number): Promise<void> => {
    if (stop.signal.aborted) return;
    const { id, thing, pilot, path, by } = directive;
    const end = await endOf(directive, receivedMs);
    log.info({ peek: id, thing, pilot, path, by, ...(end ?? { outcome: 'untold' }) }, 'peek');
    if (end === undefined) taken.delete(id);
    else taken.set(id, { id, ...end });
    ports.acknowledged();
  };

  return {
    obey: directives => {
      const receivedMs = clock.monotonicMs();
      for (const directive of directives) {
        if (taken.has(directive.id)) continue;
        taken.set(directive.id, undefined);
        for (const old of [...taken.keys()].slice(0, -KEPT)) taken.delete(old);
        working = working.then(() => take(directive, receivedMs));
      }
    },
    acknowledgements: () => [...taken.values()].filter(word => word !== undefined),
    stop: () => {
      stop.abort();
      return working;
    },
  };
};
