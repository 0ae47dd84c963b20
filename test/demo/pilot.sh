#!/bin/sh
# A pilot that does no science: PAYLOADS times it burns a core for BURST seconds and rests for PAUSE.
# It says what it does as pilots of the kind `command` may, and ends well once its VM drains.
say() {
  echo "$1" >"$PILOTAGE_STATUS_FILE.new" && mv "$PILOTAGE_STATUS_FILE.new" "$PILOTAGE_STATUS_FILE"
}
leave_if_draining() {
  [ -e "$PILOTAGE_DRAIN_FILE" ] || return 0
  echo "the VM drains: leaving after $done_payloads payloads"
  exit 0
}
done_payloads=0
echo "pilot of slot $PILOTAGE_SLOT, run $PILOTAGE_GENERATION: $PAYLOADS payloads to do"
while [ "$done_payloads" -lt "$PAYLOADS" ]; do
  leave_if_draining
  say busy
  timeout "$BURST" sh -c 'while :; do :; done'
  done_payloads=$((done_payloads + 1))
  echo "payload $done_payloads done"
  sleep "$PAUSE"
done
echo 'nothing left to do'
say idle
while :; do
  leave_if_draining
  sleep 1
done
