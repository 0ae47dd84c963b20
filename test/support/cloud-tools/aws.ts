import type { Command, Given, Reply, Tool, World } from './world.ts';

const REGION = 'eu-west-1';

const fault = (operation: string, code: string, message: string): Reply => ({
  stderr: `\nAn error occurred (${code}) when calling the ${operation} operation: ${message}\n`,
  exitCode: 254,
});

/** Every command is asked in the region where the instances are. */
const inRegion =
  (run: Command['run']): Command['run'] =>
  (world, given) =>
    given.one('--region') === REGION
      ? run(world, given)
      : { stderr: `Could not connect to the endpoint of ${given.one('--region')}`, exitCode: 255 };

const terminate = (world: World, id: string): void => {
  const machine = world.machines[id];
  if (machine !== undefined) machine.state = 'shutting-down';
};

/** One that terminates is terminated when it is next looked at. */
const describeInstances = (world: World, given: Given): Reply => {
  const id = given.one('--instance-ids');
  const machine = world.machines[id];
  if (machine === undefined)
    return fault(
      'DescribeInstances',
      'InvalidInstanceID.NotFound',
      `The instance ID '${id}' does not exist`,
    );
  const tag = machine.tags?.['pilotage-fleet-lowered'] ?? 'None';
  const stdout = `${machine.state}\t${tag}\n`;
  if (machine.state === 'shutting-down') machine.state = 'terminated';
  return { stdout };
};

const REGIONAL = { '--region': 1 } as const;
const QUERY = { ...REGIONAL, '--output': 1, '--query': 1 } as const;

const command = (
  options: Command['options'],
  required: readonly string[],
  run: Command['run'],
): Command => ({ options, required: ['--region', ...required], run: inRegion(run) });

/** AWS CLI 2, as its command reference describes these; it lists what it does not know and exits with 252. */
export const aws: Tool = {
  usageExit: 252,
  commands: {
    'ec2 describe-instances': command(
      { ...QUERY, '--instance-ids': 'many' },
      ['--instance-ids'],
      describeInstances,
    ),
    'ec2 terminate-instances': command(
      { ...REGIONAL, '--instance-ids': 'many' },
      ['--instance-ids'],
      (world, given) => {
        for (const id of given.all('--instance-ids')) terminate(world, id);
        return { stdout: '{"TerminatingInstances": []}\n' };
      },
    ),
    'ec2 create-tags': command(
      { ...REGIONAL, '--resources': 'many', '--tags': 'many' },
      ['--resources', '--tags'],
      (world, given) => {
        const [, key = '', value = ''] = /^Key=([^,]+),Value=(.*)$/.exec(given.one('--tags')) ?? [];
        const machine = world.machines[given.one('--resources')];
        if (machine === undefined || key === '') return fault('CreateTags', 'InvalidID', 'no such');
        machine.tags = { ...machine.tags, [key]: value };
        return {};
      },
    ),
    'ec2 describe-fleets': command(
      { ...QUERY, '--fleet-ids': 'many' },
      ['--fleet-ids'],
      (world, given) => ({
        stdout: `maintain\t${world.groups[given.one('--fleet-ids')]?.wanted ?? 'None'}\n`,
      }),
    ),
    'ec2 modify-fleet': command(
      {
        ...{ ...REGIONAL, '--fleet-id': 1, '--target-capacity-specification': 1 },
        '--excess-capacity-termination-policy': 1,
      },
      ['--fleet-id'],
      (world, given) => {
        const group = world.groups[given.one('--fleet-id')];
        const [, size] =
          /^TotalTargetCapacity=(\d+)$/.exec(given.one('--target-capacity-specification')) ?? [];
        if (given.one('--excess-capacity-termination-policy') !== 'no-termination')
          throw new Error('it would terminate others');
        if (group === undefined || size === undefined)
          return fault('ModifyFleet', 'InvalidParameterValue', 'no such fleet or capacity');
        group.wanted = Number(size);
        return { stdout: '{"Return": true}\n' };
      },
    ),
    'ec2 describe-spot-fleet-requests': command(
      { ...QUERY, '--spot-fleet-request-ids': 'many' },
      ['--spot-fleet-request-ids'],
      (world, given) => ({
        stdout: `maintain\t${world.groups[given.one('--spot-fleet-request-ids')]?.wanted ?? 'None'}\n`,
      }),
    ),
    'ec2 modify-spot-fleet-request': command(
      {
        ...{ ...REGIONAL, '--spot-fleet-request-id': 1, '--target-capacity': 1 },
        '--excess-capacity-termination-policy': 1,
      },
      ['--spot-fleet-request-id'],
      (world, given) => {
        const group = world.groups[given.one('--spot-fleet-request-id')];
        if (given.one('--excess-capacity-termination-policy') !== 'noTermination')
          throw new Error('it would terminate others');
        if (group === undefined) return fault('ModifySpotFleetRequest', 'Invalid', 'no such');
        group.wanted = Number(given.one('--target-capacity'));
        return { stdout: '{"Return": true}\n' };
      },
    ),
    'autoscaling terminate-instance-in-auto-scaling-group': command(
      {
        ...{ ...REGIONAL, '--instance-id': 1 },
        ...{
          '--should-decrement-desired-capacity': 0,
          '--no-should-decrement-desired-capacity': 0,
        },
      },
      ['--instance-id', '--should-decrement-desired-capacity'],
      (world, given) => {
        const id = given.one('--instance-id');
        const operation = 'TerminateInstanceInAutoScalingGroup';
        const group = world.groups[world.machines[id]?.group ?? ''];
        if (group === undefined)
          return fault(
            ...([operation, 'ValidationError'] as const),
            `Instance Id not found - No managed instance found for instance ID: ${id}`,
          );
        if (group.wanted <= group.least)
          return fault(
            ...([operation, 'ValidationError'] as const),
            `Currently, desiredSize equals minSize (${group.least}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
          );
        group.wanted -= 1;
        terminate(world, id);
        return { stdout: '{"Activity": {"StatusCode": "InProgress"}}\n' };
      },
    ),
    'autoscaling describe-auto-scaling-instances': command(
      { ...QUERY, '--instance-ids': 'many' },
      ['--instance-ids'],
      (world, given) => ({
        stdout: `${world.machines[given.one('--instance-ids')]?.group ?? 'None'}\n`,
      }),
    ),
    'autoscaling set-instance-protection': command(
      {
        ...{ ...REGIONAL, '--instance-ids': 'many', '--auto-scaling-group-name': 1 },
        ...{ '--protected-from-scale-in': 0, '--no-protected-from-scale-in': 0 },
      },
      ['--instance-ids', '--auto-scaling-group-name'],
      (world, given) => {
        const id = given.one('--instance-ids');
        const machine = world.machines[id];
        const group = given.one('--auto-scaling-group-name');
        if (machine === undefined || machine.group !== group)
          return fault(
            ...(['SetInstanceProtection', 'ValidationError'] as const),
            `The instance ${id} is not part of Auto Scaling group ${group}.`,
          );
        machine.isSpared = given.has('--protected-from-scale-in');
        return {};
      },
    ),
  },
};
