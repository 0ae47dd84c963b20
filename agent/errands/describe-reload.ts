import { changedKeys } from '../context/reload/fixed-under-pilots.ts';
import type { Context } from '../context/schema.ts';

/** Read by itself when the agent starts, and followed no sooner. */
const LATER = ['identity', 'receiver'];

interface Known {
  state: string;
  context: Context;
}

/** What a context that was taken up has brought, for whoever asked for it. */
export const describeReload = (before: Known, after: Known): string => {
  if (before.state !== 'done') return 'contextualized';
  const keys = changedKeys(before.context, after.context);
  if (keys.length === 0) return 'nothing is another than before';
  const later = keys.filter(key => LATER.includes(key));
  const verb = later.length === 1 ? 'holds' : 'hold';
  const note =
    later.length === 0 ? '' : `; ${later.join(' and ')} ${verb} from the agent's next start on`;
  return `changed: ${keys.join(', ')}${note}`;
};
