import * as v from 'valibot';
import { isPrivilegedGroup } from '../../privilege.ts';
import { GroupName, UserPrefix } from './words.ts';

/** The users that pilots and payloads run as. They never have privileges. */

const PlainGroup = v.pipe(
  GroupName,
  v.check(
    name => !isPrivilegedGroup(name),
    'a group without privileges: never root, sudo, wheel, adm, disk, docker, kvm, systemd-… or their like',
  ),
);

/** Whether names of one could be names of the other: both end in digits. */
const isAmbiguous = (a: string, b: string): boolean =>
  (a.startsWith(b) && /^\d*$/.test(a.slice(b.length))) ||
  (b.startsWith(a) && /^\d*$/.test(b.slice(a.length)));

export const Users = v.pipe(
  v.strictObject({
    /** One user a slot: plt00, plt01, … */
    prefix: v.optional(UserPrefix, 'plt'),
    group: v.optional(PlainGroup, 'pilots'),
    /** One more user a slot, for its payloads: pay00, pay01, …; none without it. */
    payloadPrefix: v.optional(UserPrefix),
    payloadGroup: v.optional(PlainGroup, 'payloads'),
    /** Groups that both are in as well, such as render for GPUs. */
    groups: v.optional(
      v.pipe(v.array(PlainGroup, 'a list of groups'), v.maxLength(20, 'at most 20')),
      [],
    ),
  }),
  v.forward(
    v.check(
      ({ prefix, payloadPrefix }) =>
        payloadPrefix === undefined || !isAmbiguous(prefix, payloadPrefix),
      'another prefix than that of the pilots, beyond its digits',
    ),
    ['payloadPrefix'],
  ),
  v.forward(
    v.check(
      ({ group, payloadPrefix, payloadGroup }) =>
        payloadPrefix === undefined || group !== payloadGroup,
      'another group than that of the pilots',
    ),
    ['payloadGroup'],
  ),
);
