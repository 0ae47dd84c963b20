import type { CredentialOffer } from '../../protocol/credential.ts';
import type { PeekThing } from '../../protocol/peek.ts';
import { credentialCopies } from '../context/planners/credentials.ts';
import { DEFAULT_CONTEXT } from '../context/schema.ts';
import type { CredentialLife } from '../credentials/describe-life.ts';
import { type CredentialKeeper, createCredentialKeeper } from '../credentials/keep-credentials.ts';
import type { ObtainPorts } from '../credentials/obtain.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { MachineId } from '../machine.ts';
import { type Prepared, spreadOf } from '../monitor/tick.ts';
import type { AgentPorts } from '../ports.ts';
import { createLogWork, type LogWork } from './log-work.ts';

/** What an agent does by its context beside the ticks, which never wait for it. */
export interface ContextWork {
  /** By this context from now on; what was done by another ends first. */
  takeUp(prepared: Prepared): void;
  offered(offers: readonly CredentialOffer[]): void;
  /** `undefined` while nothing is known of credentials. */
  lives(): CredentialLife[] | undefined;
  /** What was taken up last. */
  prepared(): Prepared;
  peekable(): readonly PeekThing[];
  /** What is left of logs to be put elsewhere, within that time. Never fails. */
  finish(timeoutMs: number): Promise<void>;
  /** All loops, once the signal has come. */
  ended(): Promise<void>;
}

export interface ContextWorkParts {
  machine: MachineId;
  logs: LogStore;
  askReceiver: ObtainPorts['askReceiver'];
  /** The receiver should hear of a credential soon. */
  nudge(): void;
}

export const createContextWork = (
  ports: AgentPorts,
  { machine, logs, askReceiver, nudge }: ContextWorkParts,
  stopping: AbortSignal,
): ContextWork => {
  let prepared: Prepared = { state: 'pending', reason: '', context: DEFAULT_CONTEXT };
  let keeper: CredentialKeeper | undefined;
  let logWork: LogWork | undefined;
  let offers: readonly CredentialOffer[] = [];
  let former = new AbortController();
  let working: Promise<unknown> = Promise.resolve();

  const keeperOf = (known: Prepared): CredentialKeeper | undefined => {
    if (known.state !== 'done' || known.slots.length === 0) return undefined;
    const { slots } = known;
    const kept = known.context.credentials.map(credential => ({
      credential,
      copies: credentialCopies(credential.name, slots),
    }));
    const spread = spreadOf(machine.instanceId);
    return createCredentialKeeper(kept, { ...ports, askReceiver }, spread, nudge);
  };

  return {
    takeUp: next => {
      prepared = next;
      former.abort();
      const current = new AbortController();
      former = current;
      const signal = AbortSignal.any([stopping, current.signal]);
      const credentials = keeperOf(next);
      const logsKept = createLogWork(ports, logs, next, machine.instanceId);
      credentials?.offered(offers);
      keeper = credentials;
      logWork = logsKept;
      // Two that write the same files must not be at work at once.
      working = working.then(() => Promise.all([credentials?.run(signal), logsKept.run(signal)]));
    },
    offered: known => {
      offers = known;
      keeper?.offered(known);
    },
    lives: () => keeper?.lives(),
    prepared: () => prepared,
    peekable: () => prepared.context.peek.allow,
    finish: async timeoutMs => logWork?.finish(timeoutMs),
    ended: async () => void (await working),
  };
};
