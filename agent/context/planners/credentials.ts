import { PATHS } from '../../paths.ts';
import type { Slot } from '../../pilot/slots.ts';
import type { Context } from '../schema.ts';
import type { Step } from '../step.ts';

/** Each pilot user has copies of its own, so that no pilot can exchange another's. */
export const credentialPath = (user: string, name: string): string =>
  `${PATHS.credentials}/${user}/${name}`;

/** Variables by which pilots find their credentials. */
export const credentialEnvironment = (
  context: Pick<Context, 'credentials'>,
  slot: Slot,
): Record<string, string> =>
  Object.fromEntries(
    context.credentials.flatMap(({ name, variable }) =>
      variable === undefined ? [] : [[variable, credentialPath(slot.user, name)]],
    ),
  );

export const planCredentials = ({ credentials }: Context, slots: readonly Slot[]): Step[] =>
  slots.flatMap(({ user }) =>
    credentials.map(({ name, content }) => ({
      kind: 'credential' as const,
      id: `credential-${user}-${name}`,
      what: `hand ${name} to ${user} in memory`,
      lasts: 'boot' as const,
      path: credentialPath(user, name),
      owner: user,
      content,
    })),
  );
