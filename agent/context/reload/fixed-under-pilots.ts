import type { Slot } from '../../pilot/slots.ts';
import type { ResolvedContext } from '../resolved.ts';

/** What pilots that run stand on, by the key of the context that says it. */
const FIXED: Readonly<Record<string, (resolved: ResolvedContext) => unknown>> = {
  'pilots.kind': ({ context }) => context.pilots?.kind,
  'pilots.mode': ({ context: { pilots } }) =>
    pilots !== undefined && 'mode' in pilots ? pilots.mode : undefined,
  scratch: ({ context }) => context.scratch,
  users: ({ context }) => context.users,
  'cvmfs.cache': ({ context }) => context.cvmfs?.cache,
  'cvmfs.mount': ({ context }) => context.cvmfs?.mount,
};

const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const slotOf = ({ slots }: ResolvedContext, name: string): Slot | undefined =>
  slots.find(slot => slot.name === name);

/**
 * What another context would change under pilots that run, for people.
 * @param inUse the slots in which any does
 */
export const changesUnderPilots = (
  before: ResolvedContext,
  after: ResolvedContext,
  inUse: readonly string[],
): string[] => {
  if (inUse.length === 0) return [];
  const keys = Object.entries(FIXED)
    .filter(([, saidBy]) => !isSame(saidBy(before), saidBy(after)))
    .map(([key]) => key);
  const slots = inUse
    .filter(name => !isSame(slotOf(before, name), slotOf(after, name)))
    .map(name => `slot ${name}`);
  return [...keys, ...slots];
};

/** Keys at the top of a context that say something else than before. */
export const changedKeys = (
  before: ResolvedContext['context'],
  after: ResolvedContext['context'],
): string[] => {
  const [old, now] = [before, after] as const satisfies readonly object[];
  const keys = new Set([...Object.keys(old), ...Object.keys(now)]) as Set<keyof typeof now>;
  return [...keys].filter(key => !isSame(old[key], now[key])).sort();
};
