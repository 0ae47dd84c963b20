#!/bin/sh
# Google Compute Engine, by gcloud. Needs compute.instances.get and .delete, and for managed groups
# compute.instanceGroupManagers.update.
. "$(dirname "$0")/lib.sh"
need INSTANCE_ID INSTANCE_NAME ZONE PROJECT
name=$PILOTAGE_INSTANCE_NAME
zone=$PILOTAGE_ZONE
project=$PILOTAGE_PROJECT

# delete_managed --zone|--region PLACE: the group becomes one smaller.
delete_managed() {
  need GROUP
  tool gcloud compute instance-groups managed delete-instances "$PILOTAGE_GROUP" \
    --instances "$name" "$1" "$2" --project "$project" --quiet ||
    ask_later "delete-instances: $(why)"
  was_asked "its group, one smaller now, deletes $name"
}

delete() {
  tool gcloud compute instances describe "$name" --zone "$zone" --project "$project" \
    --format 'value(id,status)' || {
    complains_of 'was not found' && not_found "GCE knows no $name in $zone"
    ask_later "instances describe: $(why)"
  }
  # A group gives the name of a VM that is gone to the next one.
  set -- $said
  [ "${1:-}" = "$PILOTAGE_INSTANCE_ID" ] || not_found "$name is another VM by now (${1:-no id})"
  case ${PILOTAGE_GROUP_KIND:-} in
    zonal-instance-group) delete_managed --zone "$zone" ;;
    regional-instance-group)
      need REGION
      delete_managed --region "$PILOTAGE_REGION"
      ;;
  esac
  tool gcloud compute instances delete "$name" --zone "$zone" --project "$project" --quiet ||
    ask_later "instances delete: $(why)"
  # It has waited for the end.
  is_gone "GCE has deleted $name"
}

case $1 in
  delete) delete ;;
  *) give_up 'managed groups spare no single VM' ;;
esac
