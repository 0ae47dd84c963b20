import * as v from 'valibot';

/** The cloud's metadata service, from which any process could read user-data and the VM's own role. */
export const Metadata = v.strictObject({
  /**
   * Closes it to everyone but root, containers included. Without this key it is closed on the VMs of a
   * cloud that run pilots.
   */
  close: v.optional(v.boolean('true or false')),
});
