import type { Given, Machine, Reply, Tool, World } from './world.ts';

const named = (world: World, name: string): [string, Machine] | undefined =>
  Object.entries(world.machines).find(([id, machine]) => (machine.name ?? id) === name);

const NO_SERVER = (id: string): Reply => ({
  stderr: `No server with a name or ID of '${id}' exists.\n`,
  exitCode: 1,
});

/** python-openstackclient. A server that is being deleted is unknown when it is next looked at. */
export const openstack: Tool = {
  usageExit: 2,
  commands: {
    'server show': {
      options: { '-f': 1, '-c': 1 },
      words: 1,
      run: (world, { words: [id = ''] }) => {
        const machine = world.machines[id];
        if (machine === undefined) return NO_SERVER(id);
        const stdout = `${machine.state}\n`;
        if (machine.state === 'DELETING') delete world.machines[id];
        return { stdout };
      },
    },
    'server delete': {
      options: { '--wait': 0, '--force': 0, '--all-projects': 0 },
      words: 1,
      run: (world, { words: [id = ''] }) => {
        const machine = world.machines[id];
        if (machine === undefined) return NO_SERVER(id);
        machine.state = 'DELETING';
        return {};
      },
    },
  },
};

const WITHIN = { '--subscription': 1, '--resource-group': 1, '--name': 1 } as const;
const AZURE_NOT_FOUND = (name: string): Reply => ({
  stderr: `ERROR: (ResourceNotFound) The Resource 'Microsoft.Compute/virtualMachines/${name}' under resource group 'workers' was not found.\n`,
  exitCode: 3,
});

const azureId = (world: World, name: string): Reply => {
  const found = named(world, name);
  if (found === undefined) return AZURE_NOT_FOUND(name);
  const [id, machine] = found;
  if (machine.state === 'Deleting') delete world.machines[id];
  // Azure gives ids in any case.
  return { stdout: `${id.toUpperCase()}\n` };
};
const azureDelete = (world: World, name: string): Reply => {
  const found = named(world, name);
  if (found !== undefined) found[1].state = 'Deleting';
  return {};
};

/** The Azure CLI. */
export const az: Tool = {
  usageExit: 2,
  commands: {
    'vm show': {
      options: { ...WITHIN, '--query': 1, '--output': 1 },
      required: Object.keys(WITHIN),
      run: (world, given) => azureId(world, given.one('--name')),
    },
    'vm delete': {
      options: { ...WITHIN, '--yes': 0, '--no-wait': 0, '--force-deletion': 1 },
      // Without --yes it asks, and nobody answers.
      required: [...Object.keys(WITHIN), '--yes'],
      run: (world, given) => azureDelete(world, given.one('--name')),
    },
    'vmss show': {
      options: { ...WITHIN, '--instance-id': 1, '--query': 1, '--output': 1 },
      required: [...Object.keys(WITHIN), '--instance-id'],
      run: (world, given) => azureId(world, given.one('--instance-id')),
    },
    'vmss delete-instances': {
      options: { ...WITHIN, '--instance-ids': 'many', '--no-wait': 0 },
      required: [...Object.keys(WITHIN), '--instance-ids'],
      run: (world, given) => {
        const group = world.groups[given.one('--name')];
        if (group === undefined) return AZURE_NOT_FOUND(given.one('--name'));
        group.wanted -= given.all('--instance-ids').length;
        return azureDelete(world, given.one('--instance-ids'));
      },
    },
    'vmss update': {
      options: { ...WITHIN, '--instance-id': 1, '--protect-from-scale-in': 1 },
      required: [...Object.keys(WITHIN), '--instance-id', '--protect-from-scale-in'],
      run: (world, given) => {
        const found = named(world, given.one('--instance-id'));
        if (found === undefined) return AZURE_NOT_FOUND(given.one('--instance-id'));
        found[1].isSpared = given.one('--protect-from-scale-in') === 'true';
        return { stdout: '{}\n' };
      },
    },
  },
};

const GCE_NOT_FOUND = (name: string): Reply => ({
  stderr: `ERROR: (gcloud.compute.instances.describe) Could not fetch resource:\n - The resource 'projects/p/zones/z/instances/${name}' was not found\n`,
  exitCode: 1,
});
const managed = (world: World, given: Given): Reply => {
  const [name = ''] = given.words;
  const group = world.groups[name];
  if (given.has('--zone') === given.has('--region')) throw new Error('a zone or a region');
  if (group === undefined) return GCE_NOT_FOUND(name);
  group.wanted -= 1;
  const found = named(world, given.one('--instances'));
  if (found !== undefined) delete world.machines[found[0]];
  return {};
};

/** gcloud. It waits for the end of a VM, not for that of one of a group; without --quiet it asks. */
export const gcloud: Tool = {
  usageExit: 2,
  commands: {
    'compute instances describe': {
      options: { '--zone': 1, '--project': 1, '--format': 1 },
      required: ['--zone', '--project'],
      words: 1,
      run: (world, { words: [name = ''] }) => {
        const found = named(world, name);
        return found === undefined
          ? GCE_NOT_FOUND(name)
          : { stdout: `${found[0]}\t${found[1].state}\n`, stderr: 'WARNING: an update waits\n' };
      },
    },
    'compute instances delete': {
      options: { '--zone': 1, '--project': 1, '--quiet': 0 },
      required: ['--zone', '--project', '--quiet'],
      words: 1,
      run: (world, { words: [name = ''] }) => {
        const found = named(world, name);
        if (found === undefined) return GCE_NOT_FOUND(name);
        delete world.machines[found[0]];
        return { stderr: `Deleted [${name}].\n` };
      },
    },
    'compute instance-groups managed delete-instances': {
      options: { '--instances': 1, '--zone': 1, '--region': 1, '--project': 1, '--quiet': 0 },
      required: ['--instances', '--project', '--quiet'],
      words: 1,
      run: managed,
    },
  },
};

const NO_VM = (id: string): Reply => ({
  stderr: `[one.vm.info] Error getting virtual machine [${id}].\n`,
  exitCode: 255,
});

/** OpenNebula's onevm. A VM that was terminated is DONE, and stays known. */
export const onevm: Tool = {
  usageExit: 255,
  commands: {
    show: {
      options: { '--xml': 0, '--json': 0 },
      words: 1,
      run: (world, { words: [id = ''] }) => {
        const machine = world.machines[id];
        if (machine === undefined) return NO_VM(id);
        const { state } = machine;
        if (state === 'TERMINATING') machine.state = '6';
        const number = state === 'TERMINATING' ? '3' : state;
        return {
          stdout: `<VM>\n  <ID>${id}</ID>\n  <STATE>${number}</STATE>\n  <LCM_STATE>${state === 'TERMINATING' ? 11 : 0}</LCM_STATE>\n  <PREV_STATE>3</PREV_STATE>\n</VM>\n`,
        };
      },
    },
    terminate: {
      options: { '--hard': 0 },
      words: 1,
      run: (world, { words: [id = ''] }) => {
        const machine = world.machines[id];
        if (machine === undefined) return NO_VM(id);
        if (machine.state === 'TERMINATING' || machine.state === '6')
          return {
            stderr: `[one.vm.action] Error performing action on virtual machine [${id}].\n`,
            exitCode: 255,
          };
        machine.state = 'TERMINATING';
        return {};
      },
    },
  },
};
