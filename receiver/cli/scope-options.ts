import type { Argv } from 'yargs';

/** For whom a credential is; all that is given must hold of a VM. */
export const scopeOptions = <T>(argv: Argv<T>) =>
  argv
    .option('vo', { type: 'string', describe: 'Only for VMs of this VO' })
    .option('site', { type: 'string', describe: 'Only for VMs of this site' })
    .option('endpoint', { type: 'string', describe: 'Only for VMs of this cloud endpoint' })
    .option('running-pod', { type: 'string', describe: 'Only for VMs of this running pod' })
    .option('vm', {
      type: 'string',
      describe: 'Only for this VM: its id, instance id or hostname, or the beginning of one',
    });

const PARTS = ['vo', 'site', 'endpoint', 'runningPod', 'vm'] as const;

/** The parts that were given. */
export const scopeOfArgs = (
  args: Readonly<Record<(typeof PARTS)[number], string | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    PARTS.flatMap(part => {
      const value = args[part];
      return value === undefined ? [] : [[part, value]];
    }),
  );
