import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readStatus } from '../../../agent/monitor/status.ts';
import { createExec } from '../../../platform/exec.ts';
import { createFiles } from '../../../platform/files.ts';
import { createFolderMachine } from '../../support/folder-machine.ts';
import { startAgent } from '../../support/folder-vm.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { createEc2Metadata } from '../../support/metadata/ec2-metadata.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { AGENT, createBed, NOTING_PILOT, QUICK } from './agent-bed.ts';

const META_DATA = {
  'instance-id': 'i-0123456789abcdef0',
  'ami-id': 'ami-1',
  'instance-type': 'c7i.large',
  'instance-life-cycle': 'spot',
};
const put = (root: string, path: string, content: string | Buffer): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o755 });
  writeFileSync(join(root, path), content, { mode: 0o600 });
};
const startEc2 = (userData: string | Buffer) =>
  startLoopbackServer(createEc2Metadata({ metaData: META_DATA, userData }).listener);

describe('pilotage-agent source', () => {
  const source = async (root: string, environment: Record<string, string>, ...args: string[]) => {
    const [program, ...first] = AGENT;
    const env = { PATH: process.env.PATH ?? '', ...environment };
    return createExec().run(program, [...first, 'source', '--root', root, ...args], {
      timeoutMs: 50_000,
      env,
      allowedExitCodes: [0, 1],
    });
  };

  test('says what was detected, why, the facts, and of user-data its size alone', async () => {
    const { root } = createFolderMachine();
    put(root, 'sys/class/dmi/id/bios_vendor', 'Amazon EC2\n');
    const { origin } = await startEc2('canary: in the coal mine\n');
    const environment = { PILOTAGE_METADATA_URL: origin };
    const asJson = await source(root, environment, '--json');
    expect(JSON.parse(asJson.stdout)).toEqual({
      detected: [{ name: 'ec2', because: 'bios_vendor is Amazon EC2' }],
      facts: {
        instanceId: 'i-0123456789abcdef0',
        imageId: 'ami-1',
        instanceType: 'c7i.large',
        lifeCycle: 'spot',
      },
      userData: { from: 'ec2', bytes: 25 },
      failures: [],
    });
    const asText = await source(root, environment);
    expect(asText.stdout).toContain('ec2         bios_vendor is Amazon EC2');
    expect(asText.stdout).toContain('user-data: 25 bytes from ec2');
    expect(asJson.stdout + asText.stdout).not.toContain('canary');
  });

  test('reads a context disk that a folder stands for', async () => {
    const { root } = createFolderMachine();
    put(root, 'dev/disk/by-label/CONTEXT/context.sh', "VMID='42'\nUSER_DATA='version: 1'\n");
    const { stdout } = await source(root, {}, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      detected: [{ name: 'opennebula' }],
      facts: { instanceId: '42' },
      userData: { from: 'opennebula', bytes: 10 },
    });
  });

  test('exits with 1 where user-data may be there and could not be had', async () => {
    const { root } = createFolderMachine();
    put(root, 'dev/disk/by-label/CONTEXT/context.sh', 'USER_DATA=$(reboot)\n');
    const { exitCode, stdout } = await source(root, {}, '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      userData: null,
      failures: [{ name: 'opennebula', message: expect.stringContaining('context.sh:1: ') }],
    });
  });
});

test('a VM of EC2 without cloud-init works from its compressed user-data alone', async () => {
  const { folder, receiver, environment } = await createBed();
  const root = join(folder, 'vm');
  put(root, 'sys/class/dmi/id/bios_vendor', 'Amazon EC2\n');
  put(root, 'etc/hostname', 'worker\n');
  const context = {
    version: 1,
    receiver: { url: receiver.url, enrolmentSecret: receiver.enrolmentSecret },
    ...QUICK,
    pilots: { ...NOTING_PILOT, environment },
  };
  const { origin } = await startEc2(gzipSync(stringify(context)));
  const agent = await startAgent(AGENT, root, { ...environment, PILOTAGE_METADATA_URL: origin });
  const files = createFiles(root, false);
  const status = await pollUntil('a running pilot', { timeoutMs: 40_000 }, async () => {
    const seen = await readStatus(files);
    const isRunning = seen?.pilots.some(({ state }) => state === 'running') === true;
    return isRunning && (await receiver.vms()).length > 0 ? seen : undefined;
  }).catch((error: unknown) => {
    throw new Error(`the agent's last words:\n${agent.tail(20)}`, { cause: error });
  });
  expect(status.phase).toBe('running');
  expect(await receiver.vms()).toMatchObject([{ instanceId: 'i-0123456789abcdef0' }]);
});
