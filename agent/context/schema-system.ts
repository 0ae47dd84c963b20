import * as v from 'valibot';
import { Duration, GroupName, HttpUrl, text, UserPrefix } from './schema-words.ts';

/** What concerns the machine as a whole: its users, its web proxy, its folders, its own programs. */

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

export const Users = v.strictObject({
  /** One user a slot: plt00, plt01, … */
  prefix: v.optional(UserPrefix, 'plt'),
  group: v.optional(GroupName, 'pilots'),
});

export const Hooks = v.strictObject({
  /** How long each program in pre.d and post.d may take. */
  limit: v.optional(Duration, '60s'),
});
