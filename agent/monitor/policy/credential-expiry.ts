import { formatDuration } from '../../../platform/duration.ts';
import type { Context } from '../../context/schema.ts';
import { elapsedMs } from '../../moment.ts';
import { modeIn } from './mode.ts';
import type { Policy, PolicyInput } from './policy.ts';

type Credential = Context['credentials'][number];

/** What logs alone are put away with is needed by no pilot. */
const isNeeded = ({ name, needed, variable }: Credential, { logs }: Context): boolean =>
  needed ?? (variable !== undefined || logs.upload?.credential !== name);

const describe = (name: string, leftMs: number): string =>
  leftMs > 0
    ? `${name} lives for ${formatDuration(leftMs)}`
    : `${name} expired ${formatDuration(-leftMs)} ago`;

/** Lives are told by the clock, so nothing is known of them where that is wrong. */
const doubtOf = ({ snapshot, context }: PolicyInput): string | undefined => {
  if (snapshot.credentialLives === undefined)
    return 'it is not known yet how long credentials live';
  const { clockOffsetMs } = snapshot.readings;
  return clockOffsetMs?.ok === true && Math.abs(clockOffsetMs.value) > context.checks.clockOffset
    ? `the clock is wrong by ${formatDuration(Math.abs(clockOffsetMs.value))}`
    : undefined;
};

/**
 * Drains one payload before the end of the first needed credential that nobody renews; of one that never lived
 * for that long, after half of its time. One that is renewed, and has expired all the same, keeps pilots
 * from beginning anything until it has been.
 */
export const credentialExpiry: Policy = {
  name: 'credential-expiry',
  asks: ['no-new', 'drain'],
  when: 'a payload could not end before a credential does; one that should have been renewed has ended',
  mode: ({ policies }) => modeIn(policies.credentialExpiry),
  judge: input => {
    const { state, snapshot, context, spread } = input;
    const { credentialExpiry, lifetime } = context.policies;
    if (credentialExpiry === false)
      return { action: 'none', because: 'switched off by the context' };
    const needed = context.credentials.filter(each => isNeeded(each, context));
    if (needed.length === 0) return { action: 'none', because: 'pilots need no credential' };
    const doubt = doubtOf(input);
    if (doubt !== undefined) return { action: 'none', because: doubt, keeps: true };
    const lives = needed
      .flatMap(({ name, from }) => {
        const leftMs = snapshot.credentialLives?.find(life => life.name === name)?.leftMs;
        return leftMs === undefined ? [] : [{ name, leftMs, isRenewed: from !== undefined }];
      })
      .sort((a, b) => a.leftMs - b.leftMs);
    const ending = lives.find(({ isRenewed }) => !isRenewed);
    if (ending !== undefined) {
      const wholeMs = ending.leftMs + elapsedMs(state.firstStart, snapshot.now);
      const leadMs = Math.min(lifetime.payload + spread * lifetime.spread, wholeMs / 2);
      if (ending.leftMs <= leadMs)
        return {
          action: 'drain',
          because: `${describe(ending.name, ending.leftMs)}, and nothing renews it`,
        };
    }
    const [first] = lives;
    if (first === undefined) return { action: 'none', because: 'no credential says when it ends' };
    const because = describe(first.name, first.leftMs);
    return { action: first.isRenewed && first.leftMs <= 0 ? 'no-new' : 'none', because };
  },
};
