import { createImdsSession, IMDS } from '../../imds-session.ts';
import { type Asker, createAsker, textOf } from './asker.ts';
import type { Announcement, NoticePorts, Poller } from './source.ts';

type Reply = Awaited<ReturnType<Asker['ask']>>;

/** Looks at one item of EC2's instance metadata, with a token that is kept; 404 means that there is none. */
export const createEc2Poller = (
  { http, options }: NoticePorts,
  path: string,
  signal: AbortSignal,
  parse: (text: string, reply: Reply) => Announcement,
): Poller => {
  const { metadataUrl, allowImdsV1 } = options;
  const origins = metadataUrl === undefined ? IMDS.origins : [metadataUrl];
  const asker = createAsker(http, origins, signal);
  const session = createImdsSession(asker.ask, allowImdsV1);
  return {
    poll: async () => {
      const reply = await session(path);
      const text = textOf(reply, IMDS.what, path);
      return text === undefined ? [] : [parse(text, reply)];
    },
    close: asker.close,
  };
};

/** As EC2 writes moments: ISO 8601 in UTC, to the second. */
export const EC2_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
