import type { Slot } from '../../pilot/slots.ts';
import type { Context } from '../schema.ts';
import type { PlannedUser, Step } from '../step.ts';

/** Where a slot's pilots work; also the home of their user. */
export const scratchOf = ({ scratch }: Pick<Context, 'scratch'>, slot: Slot): string =>
  `${scratch.path}/${slot.user}`;

/** One user a slot, and a scratch folder that only this user can enter. */
export const planUsers = (context: Context, slots: readonly Slot[]): Step[] => {
  if (slots.length === 0) return [];
  const users: PlannedUser[] = slots.map(slot => ({
    name: slot.user,
    home: scratchOf(context, slot),
  }));
  return [
    {
      kind: 'pilot-users',
      id: 'pilot-users',
      what: `create the group ${context.users.group} and ${users.length} pilot users`,
      lasts: 'instance',
      group: context.users.group,
      users,
    },
    {
      kind: 'scratch',
      id: 'scratch',
      what: `give each pilot user a folder under ${context.scratch.path}`,
      lasts: 'instance',
      path: context.scratch.path,
      users,
    },
  ];
};
