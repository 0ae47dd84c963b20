import * as v from 'valibot';
import { PEEK_THINGS } from '../../../protocol/peek.ts';

/** Looks at running pilots that operators may take through the receiver. Each is logged here, and there. */
export const Peek = v.strictObject({
  /**
   * What may be looked at: `ps` and `top` show processes, `ls` and `tail` the files of the pilot, `stack` where it
   * hangs. Nothing else can be, and none of it without this.
   */
  allow: v.optional(v.array(v.picklist(PEEK_THINGS, `a list of: ${PEEK_THINGS.join(', ')}`)), []),
});
