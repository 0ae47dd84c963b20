import { PilotageError } from '../../../platform/errors.ts';
import { createAsker, notUnderstood, textOf } from './asker.ts';
import type { Announcement, NoticePorts, Poller } from './source.ts';

const WHAT = "GCE's metadata server";
const ORIGINS = ['http://169.254.169.254'];
const WAIT_S = 30;
const ETAG = /^[\w-]{1,128}$/;

/**
 * Looks at one key of GCE's instance metadata ("About VM metadata": wait for a change). The first look is
 * answered at once, each later one as soon as the key changes, or after half a minute.
 * @param values what each value announces; a value that is missing here is an answer that is refused
 */
export const createGcePoller = (
  { http, options: { metadataUrl } }: NoticePorts,
  key: string,
  signal: AbortSignal,
  values: ReadonlyMap<string, Announcement | undefined>,
): Poller => {
  const asker = createAsker(http, metadataUrl === undefined ? ORIGINS : [metadataUrl], signal);
  let etag: string | undefined;
  return {
    poll: async () => {
      const base = `/computeMetadata/v1/instance/${key}`;
      const path =
        etag === undefined
          ? base
          : `${base}?wait_for_change=true&timeout_sec=${WAIT_S}&last_etag=${etag}`;
      etag = undefined;
      const reply = await asker.ask({
        ...{ path, headers: { 'metadata-flavor': 'Google' } },
        timeoutMs: (WAIT_S + 5) * 1000,
      });
      const text = textOf(reply, WHAT, base);
      // Each answer bears the header; without it something else has answered.
      if (reply.headers['metadata-flavor'] !== 'Google')
        throw new PilotageError(
          'reply-invalid',
          `what answers in the place of ${WHAT} does not say Metadata-Flavor: Google`,
        );
      if (text === undefined) return [];
      const value = text.trim();
      if (!values.has(value)) throw notUnderstood(`${key} of ${WHAT}`);
      const tag = reply.headers.etag;
      if (typeof tag === 'string' && ETAG.test(tag)) etag = tag;
      const announced = values.get(value);
      return announced === undefined ? [] : [announced];
    },
    close: asker.close,
  };
};

/** One look with its wait. */
export const GCE_LOOK_MS = (WAIT_S + 10) * 1000;
/** Between two looks: the wait is the service's, unless it gives no tag to wait by. */
export const GCE_EVERY_MS = 1000;
