import type { Context } from '../../../../agent/context/schema.ts';
import { causesOf } from '../../../../agent/monitor/drain-causes.ts';
import { POLICIES } from '../../../../agent/monitor/policy/index.ts';
import type { Look } from '../look.ts';
import { doneIn } from './done-in.ts';
import type { Rule } from './rule.ts';

/** Of those that can be switched off, which says what a VM would do without them. */
const SWITCHES = ['zeroLoad', 'noPayloads', 'sickNode', 'credentialExpiry'] as const;

const observingIn = (context: Context): ReadonlySet<string> =>
  new Set(POLICIES.filter(policy => policy.mode(context) === 'observe').map(({ name }) => name));

/** Contexts are few, and each is asked at every look. */
const observing = new WeakMap<Context, ReadonlySet<string>>();
const without = new WeakMap<Context, Context | undefined>();

const knownOf = <T>(cache: WeakMap<Context, T>, context: Context, make: () => T): T => {
  const known = cache.get(context);
  if (known !== undefined || cache.has(context)) return known as T;
  const made = make();
  cache.set(context, made);
  return made;
};

/** The same without what only observes; `undefined` where nothing does. */
const withoutObserving = (context: Context): Context | undefined => {
  const { policies } = context;
  const off = SWITCHES.filter(name => {
    const settings = policies[name];
    return settings !== false && settings.mode === 'observe';
  });
  return off.length === 0
    ? undefined
    : {
        ...context,
        policies: { ...policies, ...Object.fromEntries(off.map(name => [name, false])) },
      };
};

/** Who has drained, held or halted the VM at this look, and had not before. */
const doersOf = ({ input, output }: Look): string[] => {
  const { ending, hold } = output.state;
  const before = input.state;
  const causes = new Set(causesOf(before.ending).map(({ by }) => by));
  return [
    ...(ending?.kind === 'halt' && before.ending?.kind !== 'halt' ? [ending.by] : []),
    ...causesOf(ending)
      .map(({ by }) => by)
      .filter(by => !causes.has(by)),
    ...(hold?.by !== undefined && before.hold === undefined ? [hold.by] : []),
  ];
};

export const observeChangesNothing: Rule = {
  name: 'observe-changes-nothing',
  told: 'a policy that only observes drains, holds and halts nothing, but for the hard end',
  watch: () => look => {
    const { input, output, decide } = look;
    const { context } = input;
    const names = knownOf(observing, context, () => observingIn(context));
    if (names.size === 0) return undefined;
    const { ending } = output.state;
    const isHardEnd = ending?.kind === 'halt' && ending.by === 'lifetime';
    const doer = doersOf(look).find(by => names.has(by));
    if (doer !== undefined && !isHardEnd) return `${doer} only observes, and ends the VM`;
    const rest = knownOf(without, context, () => withoutObserving(context));
    if (rest === undefined || ending === input.state.ending) return undefined;
    return doneIn(decide({ ...input, context: rest })) === doneIn(output)
      ? undefined
      : 'without what only observes the VM would do something else';
  },
};
