#!/bin/sh
# For VMs of several clouds: starts the hook of the cloud that the VM has told.
. "$(dirname "$0")/lib.sh"
case ${PILOTAGE_CLOUD:-} in
  ec2 | openstack | gce | azure | opennebula) ;;
  *) give_up "no hook for the cloud ${PILOTAGE_CLOUD:-that the VM has not told}" ;;
esac
rm -f "$complaints"
exec "$(dirname "$0")/$PILOTAGE_CLOUD.sh" "$1"
