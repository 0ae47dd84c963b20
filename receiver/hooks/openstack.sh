#!/bin/sh
# OpenStack, by python-openstackclient. Credentials come by OS_CLOUD or the other OS_… variables, handed on by
# --delete-hook-env; without them the entry of clouds.yaml counts that is called like the VM's endpoint.
. "$(dirname "$0")/lib.sh"
need INSTANCE_ID
id=$PILOTAGE_INSTANCE_ID
if [ -z "${OS_CLOUD:-}${OS_AUTH_URL:-}" ] && [ -n "${PILOTAGE_ENDPOINT:-}" ]; then
  export OS_CLOUD="$PILOTAGE_ENDPOINT"
fi

# failed COMMAND: as older and newer clients, and Nova itself, say that there is none.
failed() {
  for words in 'No server with a name or ID' 'No Server found' "$id could not be found"; do
    complains_of "$words" && not_found "Nova knows no server $id"
  done
  ask_later "$1: $(why)"
}

delete() {
  tool openstack server show -f value -c status "$id" || failed 'server show'
  case $said in
    DELETED) is_gone "Nova says that $id is DELETED" ;;
    SOFT_DELETED) was_asked "Nova keeps $id as SOFT_DELETED until it is reclaimed" ;;
  esac
  tool openstack server delete "$id" || failed 'server delete'
  was_asked "Nova deletes $id, which was $said"
}

case $1 in
  delete) delete ;;
  *) give_up 'Nova has no groups that shrink' ;;
esac
