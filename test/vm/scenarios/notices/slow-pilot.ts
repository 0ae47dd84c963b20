import type { GuestFile } from '../../user-data.ts';

/** What it needs from TERM to its end, s. */
export const SAVING_S = 20;

/**
 * A pilot that heeds no drain file, and that once it is told to end needs a while to save its work. It
 * tells of each second, so that a cut would show.
 */
export const SLOW_PILOT: GuestFile = {
  path: '/usr/local/bin/slow-pilot',
  permissions: '0755',
  content: `#!/bin/sh
save() {
  trap '' TERM
  echo "$(cut -d. -f1 /proc/uptime) told to end"
  for second in $(seq ${SAVING_S}); do sleep 1; echo "saving $second"; done
  echo "$(cut -d. -f1 /proc/uptime) ended well"
  exit 0
}
trap save TERM
echo "$$ started" >>"$HOME/starts"
echo 'busy 1' >"$PILOTAGE_STATUS_FILE"
while :; do sleep 1; done
`,
};

/** What its output must end with. */
export const ENDED_WELL = new RegExp(`saving ${SAVING_S}\\n\\d+ ended well\\n$`);
