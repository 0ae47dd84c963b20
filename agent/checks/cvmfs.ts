import { messageOf } from '../../platform/errors.ts';
import { type Check, failed, gravest, ok, skipped } from './check.ts';

/** A dead repository hangs whoever looks at it, so a child looks, and is killed in time. */
const PROBE_MS = 30_000;

/** Every repository of the context can be entered. */
export const cvmfs: Check = {
  name: 'cvmfs',
  run: async ({ context }, { files, exec }, signal) => {
    if (context.cvmfs === undefined) return skipped('the context has no CVMFS');
    if ((await files.facts('/cvmfs')) === undefined)
      return failed('there is no /cvmfs; remedy: install the CVMFS client into the image');
    const probes = context.cvmfs.repositories.map(async repository => {
      const path = files.locate(`/cvmfs/${repository}`);
      try {
        await exec.run('ls', ['--', `${path}/`], {
          timeoutMs: PROBE_MS,
          signal,
          maxOutputBytes: 4096,
        });
        return ok(`${repository} is mounted`);
      } catch (error) {
        return failed(`${repository}: ${messageOf(error)}`);
      }
    });
    return gravest(await Promise.all(probes), '');
  },
};
