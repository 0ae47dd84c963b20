import * as v from 'valibot';
import { Duration, HttpUrl, text } from './words.ts';

/** What concerns the machine as a whole: its web proxy, its folders, its own programs. */

export const SystemProxy = v.strictObject({
  http: HttpUrl,
  noProxy: v.optional(
    v.pipe(
      v.array(text(/^(?!.*\.\.)[A-Za-z0-9.:*/-]+$/, 'a host, domain or network')),
      v.maxLength(100),
    ),
    ['localhost', '127.0.0.1', '169.254.169.254'],
  ),
});

export const Hooks = v.strictObject({
  /** How long each program in pre.d and post.d may take. */
  limit: v.optional(Duration, '60s'),
});
