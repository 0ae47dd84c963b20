#!/bin/sh
# Microsoft Azure, by the Azure CLI. Disks, interfaces and addresses go with a VM that was made with
# --os-disk-delete-option Delete, --data-disk-delete-option Delete and --nic-delete-option Delete.
. "$(dirname "$0")/lib.sh"
need INSTANCE_ID INSTANCE_NAME PROJECT RESOURCE_GROUP
name=$PILOTAGE_INSTANCE_NAME
kind=${PILOTAGE_GROUP_KIND:-}
lower() { printf '%s' "$1" | tr 'A-Z' 'a-z'; }

show() {
  if [ "$kind" = scale-set ]; then
    tool az vmss show --subscription "$PILOTAGE_PROJECT" --resource-group "$PILOTAGE_RESOURCE_GROUP" \
      --name "$PILOTAGE_GROUP" --instance-id "$name" --query vmId --output tsv
  else
    tool az vm show --subscription "$PILOTAGE_PROJECT" --resource-group "$PILOTAGE_RESOURCE_GROUP" \
      --name "$name" --query vmId --output tsv
  fi
}

delete() {
  [ "$kind" != scale-set ] || need GROUP
  show || {
    complains_of NotFound && not_found "Azure knows no $name in $PILOTAGE_RESOURCE_GROUP"
    complains_of 'was not found' && not_found "Azure knows no $name in $PILOTAGE_RESOURCE_GROUP"
    ask_later "show: $(why)"
  }
  [ "$(lower "$said")" = "$(lower "$PILOTAGE_INSTANCE_ID")" ] ||
    not_found "$name is another VM by now (${said:-no id})"
  if [ "$kind" = scale-set ]; then
    tool az vmss delete-instances --subscription "$PILOTAGE_PROJECT" \
      --resource-group "$PILOTAGE_RESOURCE_GROUP" --name "$PILOTAGE_GROUP" --instance-ids "$name" \
      --no-wait || ask_later "vmss delete-instances: $(why)"
    was_asked "its scale set, one smaller now, deletes $name"
  fi
  # A flexible scale set counts its VMs, and becomes smaller by itself.
  tool az vm delete --subscription "$PILOTAGE_PROJECT" --resource-group "$PILOTAGE_RESOURCE_GROUP" \
    --name "$name" --yes --no-wait || ask_later "vm delete: $(why)"
  was_asked "Azure deletes $name"
}

# spare true|false
spare() {
  [ "$kind" = scale-set ] || give_up 'only uniform scale sets spare their VMs'
  need GROUP
  tool az vmss update --subscription "$PILOTAGE_PROJECT" --resource-group "$PILOTAGE_RESOURCE_GROUP" \
    --name "$PILOTAGE_GROUP" --instance-id "$name" --protect-from-scale-in "$1" || {
    complains_of NotFound && not_found "Azure knows no $name in $PILOTAGE_GROUP"
    ask_later "vmss update: $(why)"
  }
  is_done "$PILOTAGE_GROUP: --protect-from-scale-in $1 for $name"
}

case $1 in
  delete) delete ;;
  protect) spare true ;;
  unprotect) spare false ;;
  *) give_up "what is $1?" ;;
esac
