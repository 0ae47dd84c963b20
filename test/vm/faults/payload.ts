import type { GuestFile } from '../user-data.ts';

/**
 * `short` ends by itself after a while, `steady` works until it sees that the VM drains, `deaf` hears
 * neither that nor TERM, `greedy` makes processes until it is given no more; `told` waits for its file to
 * say which of these it is.
 */
export type PayloadKind = 'short' | 'steady' | 'deaf' | 'greedy' | 'told';

export const SHORT_SECONDS = 10;
export const PAYLOAD_PATH = '/usr/local/bin/payload';
/** Tells one that is `told` what it is. */
export const TELLING_FILE = '/scratch/plt00/kind';

/** Tells the journal when its work begins and how it ends. It counts seconds by sleeping: clocks may be stepped. */
export const PAYLOAD: GuestFile = {
  path: PAYLOAD_PATH,
  permissions: '0755',
  content: `#!/bin/sh
say() { echo "$1"; logger -t payload "$1"; }
finish() { say finished; exit 0; }
kind=$1
trap 'say "told to end"; exit 0' TERM
echo 'busy 1' >"$PILOTAGE_STATUS_FILE"
: >"$HOME/waits"
until [ "$kind" != told ]; do
  [ -s "$HOME/kind" ] && read -r kind <"$HOME/kind"
  sleep 0.5
done
[ "$kind" = deaf ] && trap '' TERM
say begun
: >"$HOME/works"
seconds=0
while :; do
  case $kind in
    short) [ "$seconds" -ge ${SHORT_SECONDS} ] && finish ;;
    steady) [ -e "$PILOTAGE_DRAIN_FILE" ] && finish ;;
    greedy) exec python3 -c '
import os, time
while True:
  try: os.posix_spawn("/bin/sleep", ["sleep", "1000"], {})
  except OSError: time.sleep(1)
' ;;
  esac
  seconds=$((seconds + 1))
  sleep 1
done
`,
};
