import type { Policy } from './policy.ts';

/**
 * Halts a VM that came up again though nobody had rebooted it: its payloads are lost, and what brought it down, a
 * panic or a dying host, may do so again. One that was told to reboot goes on with what is left of its life time.
 */
export const reboots: Policy = {
  name: 'reboots',
  asks: ['halt'],
  when: 'the VM came up again though nobody had rebooted it',
  mode: ({ policies }) => (policies.reboots === 'allow' ? 'observe' : 'enforce'),
  judge: ({ snapshot: { boot } }) => {
    if (boot === undefined || boot === 'first')
      return { action: 'none', because: 'this VM was not rebooted' };
    if (boot === 'asked')
      return { action: 'none', because: 'this VM was rebooted as it was told to' };
    return {
      action: 'halt',
      because: 'this VM went down and came up again, and nobody had told it to',
    };
  },
};
