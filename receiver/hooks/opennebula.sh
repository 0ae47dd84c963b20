#!/bin/sh
# OpenNebula, by its command line (opennebula-tools). ONE_XMLRPC and ONE_AUTH come by --delete-hook-env.
. "$(dirname "$0")/lib.sh"
need INSTANCE_ID
id=$PILOTAGE_INSTANCE_ID
# "Virtual Machine States": DONE stays known; on the way there a VM is asked to end, and then cleaned up after.
DONE=6
SHUTDOWN=12
EPILOG=11
# number ELEMENT: of the document in $said.
number() { printf '%s' "$said" | sed -n "s:.*<$1>\([0-9]*\)</$1>.*:\1:p" | head -n 1; }

delete() {
  tool onevm show --xml "$id" || {
    complains_of 'Error getting virtual machine' && not_found "OpenNebula knows no VM $id"
    ask_later "onevm show: $(why)"
  }
  [ "$(number STATE)" != "$DONE" ] || is_gone "OpenNebula says that VM $id is DONE"
  doing=$(number LCM_STATE)
  [ "$doing" != "$EPILOG" ] || was_asked "OpenNebula cleans up after VM $id"
  # A system that is lost does not end when it is asked to.
  if [ "${PILOTAGE_ATTEMPT:-1}" -gt 3 ]; then
    tool onevm terminate --hard "$id" || ask_later "onevm terminate --hard: $(why)"
  elif [ "$doing" = "$SHUTDOWN" ]; then
    was_asked "OpenNebula has asked VM $id to end"
  else
    tool onevm terminate "$id" || ask_later "onevm terminate: $(why)"
  fi
  was_asked "OpenNebula terminates VM $id"
}

case $1 in
  delete) delete ;;
  *) give_up 'OpenNebula has no groups that spare a single VM' ;;
esac
