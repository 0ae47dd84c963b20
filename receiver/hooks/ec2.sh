#!/bin/sh
# Amazon EC2, by the AWS CLI 2. Needs ec2:DescribeInstances and ec2:TerminateInstances; for auto-scaling groups
# autoscaling:TerminateInstanceInAutoScalingGroup, :DescribeAutoScalingInstances and :SetInstanceProtection; for
# fleets ec2:DescribeFleets and :ModifyFleet (of Spot Fleet ec2:DescribeSpotFleetRequests and :ModifySpotFleetRequest)
# and ec2:CreateTags. Let its policy allow them for the workers' tag alone.
. "$(dirname "$0")/lib.sh"
need INSTANCE_ID REGION
id=$PILOTAGE_INSTANCE_ID
region=$PILOTAGE_REGION
group=${PILOTAGE_GROUP:-}
export AWS_PAGER=''

# A fleet is lowered once for each of its VMs, whatever comes between that and the end of the VM.
LOWERED=pilotage-fleet-lowered

terminate() {
  tool aws ec2 terminate-instances --region "$region" --instance-ids "$id" ||
    ask_later "terminate-instances: $(why)"
  was_asked "EC2 terminates $id"
}

terminate_in_group() {
  tool aws autoscaling terminate-instance-in-auto-scaling-group --region "$region" \
    --instance-id "$id" --should-decrement-desired-capacity &&
    was_asked "its group, one smaller now, terminates $id"
  complains_of 'minSize' && ask_later "its group is as small as it may be, and would replace it: $(why)"
  # It has left the group, as one does that is detached.
  complains_of 'not found' && terminate
  ask_later "terminate-instance-in-auto-scaling-group: $(why)"
}

remember_lowered() {
  tool aws ec2 create-tags --region "$region" --resources "$id" --tags "Key=$LOWERED,Value=$group" ||
    ask_later "create-tags: $(why)"
}

terminate_in_fleet() {
  [ -n "$group" ] || give_up 'the VM has not told PILOTAGE_GROUP'
  [ "$lowered" = None ] || terminate
  tool aws ec2 describe-fleets --region "$region" --fleet-ids "$group" --output text \
    --query 'Fleets[0].[Type,TargetCapacitySpecification.TotalTargetCapacity]' ||
    ask_later "describe-fleets: $(why)"
  # Fields are parted by tabs.
  set -- $said
  if [ "${1:-}" = maintain ] && [ "${2:-0}" -gt 0 ]; then
    tool aws ec2 modify-fleet --region "$region" --fleet-id "$group" \
      --target-capacity-specification "TotalTargetCapacity=$(($2 - 1))" \
      --excess-capacity-termination-policy no-termination || ask_later "modify-fleet: $(why)"
    remember_lowered
  fi
  terminate
}

terminate_in_spot_fleet() {
  [ -n "$group" ] || give_up 'the VM has not told PILOTAGE_GROUP'
  [ "$lowered" = None ] || terminate
  tool aws ec2 describe-spot-fleet-requests --region "$region" --spot-fleet-request-ids "$group" \
    --output text \
    --query 'SpotFleetRequestConfigs[0].SpotFleetRequestConfig.[Type,TargetCapacity]' ||
    ask_later "describe-spot-fleet-requests: $(why)"
  set -- $said
  if [ "${1:-}" = maintain ] && [ "${2:-0}" -gt 0 ]; then
    tool aws ec2 modify-spot-fleet-request --region "$region" --spot-fleet-request-id "$group" \
      --target-capacity "$(($2 - 1))" --excess-capacity-termination-policy noTermination ||
      ask_later "modify-spot-fleet-request: $(why)"
    remember_lowered
  fi
  terminate
}

delete() {
  tool aws ec2 describe-instances --region "$region" --instance-ids "$id" --output text \
    --query "Reservations[0].Instances[0].[State.Name,Tags[?Key=='$LOWERED'].Value|[0]]" || {
    complains_of InvalidInstanceID.NotFound && not_found "EC2 knows no $id in $region"
    ask_later "describe-instances: $(why)"
  }
  set -- $said
  lowered=${2:-None}
  case ${1:-} in
    terminated) is_gone "EC2 says that $id is terminated" ;;
    shutting-down) was_asked "EC2 is terminating $id" ;;
    None | '') not_found "EC2 knows no $id in $region" ;;
  esac
  case ${PILOTAGE_GROUP_KIND:-} in
    auto-scaling-group) terminate_in_group ;;
    ec2-fleet) terminate_in_fleet ;;
    spot-fleet) terminate_in_spot_fleet ;;
    *) terminate ;;
  esac
}

# spare --protected-from-scale-in|--no-protected-from-scale-in
spare() {
  [ "${PILOTAGE_GROUP_KIND:-}" = auto-scaling-group ] || give_up 'only auto-scaling groups spare their VMs'
  if [ -z "$group" ]; then
    tool aws autoscaling describe-auto-scaling-instances --region "$region" --instance-ids "$id" \
      --output text --query 'AutoScalingInstances[0].AutoScalingGroupName' ||
      ask_later "describe-auto-scaling-instances: $(why)"
    group=$said
    [ "$group" != None ] || not_found "$id is in no auto-scaling group"
  fi
  tool aws autoscaling set-instance-protection --region "$region" --instance-ids "$id" \
    --auto-scaling-group-name "$group" "$1" || {
    complains_of 'not part of' && not_found "$id is not in $group: $(why)"
    ask_later "set-instance-protection: $(why)"
  }
  is_done "$group: $1 for $id"
}

case $1 in
  delete) delete ;;
  protect) spare --protected-from-scale-in ;;
  unprotect) spare --no-protected-from-scale-in ;;
  *) give_up "what is $1?" ;;
esac
