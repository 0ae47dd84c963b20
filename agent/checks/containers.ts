import { messageOf } from '../../platform/errors.ts';
import { type Check, failed, ok, skipped } from './check.ts';

const PLACES = ['/usr/bin/apptainer', '/usr/local/bin/apptainer', '/usr/bin/singularity'];
const TIMEOUT_MS = 60_000;

/**
 * Runs a program in a container of the machine's own programs. Apptainer refuses `/` itself, so a folder
 * stands for it that has what a root must have, and links and mounts of what programs need.
 */
const TRY = `
set -e
root=$(mktemp -d /var/tmp/pilotage-container.XXXXXX)
trap 'rm -rf "$root"' EXIT
cd "$root"
mkdir -p dev etc home proc root sys tmp usr var/tmp
: >etc/passwd
: >etc/group
bound=/usr
for name in bin lib lib64 sbin; do
  if [ -L "/$name" ]; then ln -s "$(readlink "/$name")" "$name"
  elif [ -d "/$name" ]; then mkdir "$name"; bound=$bound,/$name; fi
done
"$0" exec --userns --contain --bind "$bound" "$root" true
`;

/**
 * Payloads bring containers: where a runtime is installed, it must work for the user who will use it.
 * No image is needed for that.
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
    const command = ['/bin/sh', '-c', TRY, runtime];
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
