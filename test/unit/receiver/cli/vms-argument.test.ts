import { expect, test } from 'vitest';
import { chooseVms } from '../../../../receiver/cli/vms-argument.ts';

const VMS = [
  { vmId: 'a', state: 'running', site: 'CERN' },
  { vmId: 'b', state: 'halted', site: 'CERN' },
  { vmId: 'c', state: 'to-be-deleted', site: 'CERN' },
  { vmId: 'd', state: 'deleting', site: 'CERN' },
  { vmId: 'e', state: 'ended', site: 'CERN' },
  { vmId: 'f', state: 'stalled', site: 'RAL' },
];
const client = {
  get: async (path: string) => {
    const state = new URL(path, 'http://receiver').searchParams.get('state');
    return { vms: VMS.filter(vm => state === null || vm.state === state), nextCursor: null };
  },
  post: async () => expect.fail('nothing is ordered yet'),
};

test.each([
  ['all that can still be told something', { all: true }, ['a', 'f']],
  ['the same of a site', { all: false, site: 'CERN' }, ['a']],
  ['one state, whichever it is', { all: false, state: 'ended' }, ['e']],
  ['those that are named', { all: false, VM: ['x', 'y', 'x'] }, ['x', 'y']],
])('chooses %s', async (_, args, expected) => {
  expect(await chooseVms(client as never, args)).toEqual(expected);
});

test.each([
  ['nothing', { all: false }],
  ['names and a choice', { all: true, VM: ['x'] }],
])('refuses %s', async (_, args) => {
  await expect(chooseVms(client as never, args)).rejects.toMatchObject({ code: 'usage' });
});
