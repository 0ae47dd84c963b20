import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { installFakeCloud } from '../../support/fake-cloud/install.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { spawnReceiver } from '../../support/receiver-process.ts';
import { createAsker, createTestFolder, enrolVm } from '../../support/receiver-under-test.ts';

const CLOUD = {
  ...{ name: 'ec2', instanceId: 'i-1', region: 'eu-west-1' },
  groupKind: 'auto-scaling-group',
};

/** Waits in the middle of a call as long as a file is there. */
const hangingHook = (folder: string, program: string): string => {
  const path = join(folder, 'hanging-hook');
  const script = [
    '#!/bin/sh',
    `echo begun >>'${folder}/begun'`,
    `while [ -e '${folder}/hang' ]; do sleep 0.1; done`,
    `exec '${program}' "$@"`,
  ];
  writeFileSync(path, `${script.join('\n')}\n`, { mode: 0o755 });
  return path;
};

it('a deletion survives the death of its receiver at any step', { timeout: 150_000 }, async () => {
  const folder = createTestFolder();
  const cloud = installFakeCloud(folder, { 'i-1': {} });
  const further = [`--delete-hook=${hangingHook(folder, cloud.program)}`];
  const serve = async () => {
    const { child, address, operatorToken, enrolmentSecret, ended } = await spawnReceiver(folder, {
      further,
    });
    const ask = createAsker(address);
    const show = async (vmId: string) =>
      (await ask('GET', `/v1/vms/${vmId}`, { token: operatorToken })).body;
    return {
      ask,
      enrolmentSecret,
      untilState: (vmId: string, state: string) =>
        pollUntil(`state ${state}`, { timeoutMs: 60_000, everyMs: 50 }, async () => {
          const vm = await show(vmId);
          return vm.state === state ? vm : undefined;
        }),
      kill: async () => {
        child.kill('SIGKILL');
        await ended;
      },
    };
  };

  // Right behind the acknowledged heartbeat.
  const first = await serve();
  const vm = await enrolVm(first.ask, first.enrolmentSecret, 'wn1');
  await vm.beat({ state: 'halted', cloud: CLOUD });
  await first.kill();

  // While its hook is at work, which then goes on without it.
  const second = await serve();
  await second.untilState(vm.vmId, 'to-be-deleted');
  writeFileSync(join(folder, 'hang'), '');
  await pollUntil('the hook is called', { timeoutMs: 60_000, everyMs: 50 }, () =>
    existsSync(join(folder, 'begun')) ? true : undefined,
  );
  await second.kill();
  expect(cloud.state().calls).toEqual([]);
  rmSync(join(folder, 'hang'));

  // And after the cloud has taken it on.
  const third = await serve();
  await third.untilState(vm.vmId, 'deleting').catch(() => third.untilState(vm.vmId, 'ended'));
  await third.kill();
  const fourth = await serve();
  await fourth.untilState(vm.vmId, 'ended');
  expect(cloud.state()).toMatchObject({ gone: ['i-1'], violations: [] });
});
