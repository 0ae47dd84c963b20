import { renewedFrom } from '../../credentials/renewed-from.ts';
import { PATHS } from '../../paths.ts';
import type { Slot } from '../../pilot/slots.ts';
import type { Credential } from '../schema/credentials.ts';
import type { Context } from '../schema.ts';
import type { CredentialCopy, Step } from '../step.ts';

export const credentialFolder = (user: string): string => `${PATHS.credentials}/${user}`;

/** Each pilot user has copies of its own, so that no pilot can exchange another's. */
export const credentialPath = (user: string, name: string): string =>
  `${credentialFolder(user)}/${name}`;

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

export const credentialCopies = (name: string, slots: readonly Slot[]): CredentialCopy[] =>
  slots.map(({ user }) => ({ path: credentialPath(user, name), owner: user }));

const planGiven = (name: string, content: string, slots: readonly Slot[]): Step[] =>
  slots.map(({ user }) => ({
    kind: 'credential',
    id: `credential-${user}-${name}`,
    what: `hand ${name} to ${user} in memory`,
    lasts: 'boot',
    path: credentialPath(user, name),
    owner: user,
    content,
  }));

const planFetched = (
  { name, content, from: source }: Credential,
  { receiver }: Pick<Context, 'receiver'>,
  slots: readonly Slot[],
): Step[] => {
  if (source === undefined || slots.length === 0) return [];
  const { url, ca, pin } = receiver ?? {};
  return [
    {
      kind: 'credential-source',
      id: `credential-source-${name}`,
      what: `get ${name} from ${renewedFrom(source)}, hand it to ${slots.length} pilot users in memory, and keep it fresh`,
      lasts: 'boot',
      name,
      source,
      ...(content === undefined ? {} : { content }),
      ...(source.receiver === undefined || url === undefined ? {} : { receiver: { url, ca, pin } }),
      copies: credentialCopies(name, slots),
    },
  ];
};

export const planCredentials = (
  context: Pick<Context, 'credentials' | 'receiver'>,
  slots: readonly Slot[],
): Step[] => {
  const { credentials } = context;
  return [
    ...slots.flatMap(slot =>
      credentials.flatMap(({ name, content, from }) =>
        content === undefined || from !== undefined ? [] : planGiven(name, content, [slot]),
      ),
    ),
    ...credentials.flatMap(credential => planFetched(credential, context, slots)),
  ];
};
