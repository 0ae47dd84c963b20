import type { Slot } from '../../pilot/slots.ts';
import type { Context } from '../schema.ts';
import type { PlannedUser, Step } from '../step.ts';

/** Where a slot's pilots work; also the home of their user. */
export const scratchOf = ({ scratch }: Pick<Context, 'scratch'>, slot: Slot): string =>
  `${scratch.path}/${slot.user}`;

/** The user of a slot's payloads, where the context keeps them apart from the pilots. */
export const payloadUserOf = (
  { scratch, users }: Pick<Context, 'scratch' | 'users'>,
  slot: Slot,
): PlannedUser | undefined => {
  if (users.payloadPrefix === undefined) return undefined;
  const name = `${users.payloadPrefix}${slot.name}`;
  return { name, home: `${scratch.path}/${name}` };
};

/** One user a slot, or two, and a scratch folder for each that only this user can enter. */
export const planUsers = (context: Context, slots: readonly Slot[]): Step[] => {
  if (slots.length === 0) return [];
  const { group, groups, payloadGroup } = context.users;
  const pilots: PlannedUser[] = slots.map(slot => ({
    name: slot.user,
    home: scratchOf(context, slot),
  }));
  const payloads = slots.flatMap(slot => payloadUserOf(context, slot) ?? []);
  // A kind that runs each payload as a user of its own makes the folders in which they work.
  const ofKinds: PlannedUser[] = slots
    .flatMap(({ payloadUsers = [] }) => payloadUsers)
    .map(name => ({ name, home: '/nonexistent' }));
  const payloadUsers = [...payloads, ...ofKinds];
  const stepOf = (what: 'pilot' | 'payload', inGroup: string, users: PlannedUser[]): Step => ({
    kind: 'pilot-users',
    id: `${what}-users`,
    what: `create the group ${inGroup} and ${users.length} ${what} users`,
    lasts: 'instance',
    group: inGroup,
    groups,
    users,
  });
  return [
    stepOf('pilot', group, pilots),
    ...(payloadUsers.length === 0 ? [] : [stepOf('payload', payloadGroup, payloadUsers)]),
    {
      kind: 'scratch',
      id: 'scratch',
      what: `give each of these users a folder under ${context.scratch.path}`,
      lasts: 'instance',
      path: context.scratch.path,
      users: [...pilots, ...payloads],
    },
  ];
};
