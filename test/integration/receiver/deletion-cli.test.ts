import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runReceiver, setUpCli } from '../../support/receiver-cli.ts';
import { createTestFolder } from '../../support/receiver-under-test.ts';

const EC2 = {
  ...{ name: 'ec2', instanceId: 'i-0a1b', region: 'eu-west-1', zone: 'eu-west-1b' },
  lifeCycle: 'spot',
};

const setUp = async () => {
  const bed = await setUpCli();
  const vm = await bed.receiver.enrol('wn1');
  await vm.beat({ state: 'running', cloud: EC2 });
  return { ...bed, vm };
};

describe('the commands about VMs that are billed for nothing', () => {
  it('say that there are none', async () => {
    const { cli } = await setUp();
    expect((await cli('deletions')).stdout).toMatch(/^no VM is billed for nothing/);
    expect(JSON.parse((await cli('deletions', '--json')).stdout)).toEqual([]);
  });

  it('list them with what deletes them, and take the word of who has done it', async () => {
    const { cli, vm } = await setUp();
    await vm.beat({ state: 'halted', reason: 'lifetime' });
    const { stdout } = await cli('deletions');
    expect(stdout).toMatch(/^VM +CLOUD +INSTANCE +WHERE +STATE +CAUSE +NEXT +WHAT IS KNOWN\n/);
    expect(stdout).toMatch(
      / ec2 +i-0a1b +eu-west-1b +to-be-deleted +halted +\S+ +billed: EBS volumes, elastic addresses\n/,
    );
    const byHand = `aws ec2 terminate-instances --region eu-west-1 --instance-ids i-0a1b\npilotage-receiver deleted ${vm.vmId}\n`;
    expect(stdout).toContain(`\nBy hand:\n${byHand}`);
    expect(JSON.parse((await cli('deletions', '--json')).stdout)).toMatchObject([
      { vmId: vm.vmId, state: 'to-be-deleted', cloud: EC2 },
    ]);
    const shown = (await cli('show', 'wn1')).stdout;
    expect(shown).toMatch(/^state +to-be-deleted, since /m);
    expect(shown).toMatch(/^last said +halted$/m);
    expect(shown).toMatch(/^cloud +ec2 i-0a1b eu-west-1b$/m);
    expect(shown).toMatch(/^life cycle +spot$/m);
    expect(shown).toMatch(/^billed +EBS volumes, elastic addresses$/m);
    expect(shown).toMatch(/^deletion +to-be-deleted, since \S+, because it halted$/m);
    expect((await cli('vms', '--state', 'to-be-deleted')).stdout).toMatch(
      / to-be-deleted .* lifetime; billed: EBS volumes/,
    );
    const said = await cli('deleted', 'wn1', '--reason', 'console');
    expect(said.stdout).toBe(`${vm.vmId} (wn1) has ended.\n`);
    expect((await cli('deletions')).stdout).toMatch(/^no VM is billed/);
    expect((await cli('vms', '--state', 'ended')).stdout).toMatch(
      / said to be gone by .*: console/,
    );
    expect((await cli('delete', 'wn1')).stdout).toContain('It is gone already.');
    expect((await cli('show', 'wn1')).stdout).toMatch(/^said-deleted +\S+Z +- +- +- +said to be/m);
  });

  it('have deleted what is silent, and not what speaks', async () => {
    const { receiver, cli, vm } = await setUp();
    const refused = await cli('delete', 'wn1');
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringContaining('halt it first'),
    ]);
    await receiver.clock.advance(24 * 3_600_000);
    expect((await cli('deletions', '--state', 'stalled')).stdout).toMatch(
      / stalled +- +- +billed: perhaps all of it, EBS volumes/,
    );
    const { stdout } = await cli('delete', 'wn1', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      vmId: vm.vmId,
      hasHook: false,
      deletion: { state: 'to-be-deleted', cause: 'operator' },
    });
  });

  it('tell of a VM that has not told enough what is missing', async () => {
    const { receiver, cli } = await setUpCli();
    const vm = await receiver.enrol('wn1');
    await vm.beat({ state: 'halted', cloud: { name: 'gce', instanceId: '--all' } });
    const missing = 'instanceId, instanceName, zone, project';
    expect((await cli('deletions')).stdout).toContain(
      `# ${vm.vmId} has not told its ${missing}: find it in its cloud\n`,
    );
  });
});

describe('serve refuses', () => {
  const folder = (): { hook: string; args: string[] } => {
    const at = createTestFolder();
    const hook = join(at, 'hook');
    writeFileSync(hook, '#!/bin/sh\n');
    for (const name of ['secret', 'token'])
      writeFileSync(join(at, name), 'x'.repeat(40), { mode: 0o600 });
    const args = ['serve', '--database', join(at, 'fleet.db'), '--listen', '127.0.0.1:0'];
    args.push('--enrolment-secret-file', join(at, 'secret'));
    return { hook, args: [...args, '--operator-token-file', join(at, 'token')] };
  };

  it.each([
    [['--delete-hook', '/nowhere/hook'], 0o755, 'is no file'],
    [['--delete-hook', '/tmp'], 0o755, 'is no file'],
    [['--delete-hook', 'HOOK'], 0o644, 'cannot be run'],
    [['--delete-hook', 'HOOK'], 0o757, 'can be changed by others'],
    [['--delete-hook', 'HOOK', '--delete-hook-timeout', '10ms'], 0o755, 'at least 1s'],
    [['--delete-lost-after', '5m'], 0o755, 'longer than --stall-after'],
    [['--delete-lost-after', '5'], 0o755, 'give a duration'],
  ])('%j', async (options, mode, complaint) => {
    const { hook, args } = folder();
    chmodSync(hook, mode);
    const given = options.map(option => (option === 'HOOK' ? hook : option));
    const { exitCode, stderr } = await runReceiver([...args, ...given]);
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining(complaint)]);
  });
});
