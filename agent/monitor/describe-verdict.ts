import type { Verdict } from '../../protocol/heartbeat.ts';

/** One verdict for people; what a policy that only observes asks for it would do. */
export const describeVerdict = ({ policy, action, because, mode }: Verdict): string => {
  const does =
    mode === 'observe' && action !== 'none' ? `would ${action}, and only observes` : action;
  return `${policy}: ${does} (${because})`;
};
