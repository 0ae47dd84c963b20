import { messageOf } from '../../platform/errors.ts';
import { type Check, failed, ok, skipped } from './check.ts';

const PLACES = ['/usr/bin/apptainer', '/usr/local/bin/apptainer', '/usr/bin/singularity'];
const TIMEOUT_MS = 60_000;

/**
 * Payloads bring containers: where a runtime is installed, it must work for the user who will use it.
 * The container is the machine's own root, so that no image is needed.
 */
export const containers: Check = {
  name: 'containers',
  run: async ({ slots }, { files, exec }, signal) => {
    const places = await Promise.all(
      PLACES.map(async path => ((await files.facts(path)) === undefined ? [] : [path])),
    );
    const [runtime] = places.flat();
    const [slot] = slots;
    if (runtime === undefined) return skipped('no Apptainer is installed');
    if (slot === undefined) return skipped('there is no slot whose user could try it');
    const command = [runtime, 'exec', '--userns', '--contain', '/', 'true'];
    try {
      await exec.run('runuser', ['-u', slot.user, '--', ...command], {
        timeoutMs: TIMEOUT_MS,
        signal,
      });
      return ok(`${runtime} works for ${slot.user}`);
    } catch (error) {
      return failed(`${runtime} does not work for ${slot.user}: ${messageOf(error)}`);
    }
  },
};
