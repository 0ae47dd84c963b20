import { describe, expect, test } from 'vitest';
import { findMachineTexts } from '../../../../agent/context/find-context-texts.ts';
import { lifelineTextOf } from '../../../../agent/context/lifeline-text.ts';
import { parseLifeline } from '../../../../agent/context/parse.ts';
import { resolveLifeline } from '../../../../agent/context/resolve-lifeline.ts';
import { readLifeline } from '../../../../agent/context/resolved.ts';
import { learn } from '../../../../agent/context/sources/learn.ts';
import { asLearnt, readMachineId } from '../../../../agent/machine.ts';
import { createLog } from '../../../../platform/log.ts';
import { startLoopbackServer } from '../../../support/loopback-server.ts';
import { createEc2Metadata } from '../../../support/metadata/ec2-metadata.ts';
import { createSourcePorts } from '../../../support/source-ports.ts';

const SITE = 'version: 1\nscratch: {path: /scratch}\n';
const WITH_RECEIVER = `${SITE}receiver: {url: https://r.example.org, enrolmentSecret: abcdefghijklmnop}\n`;
const MACHINE = { instanceId: 'machine-id', bootId: 'b-1', hostname: 'h' };
const INPUT = { bootId: 'b-1', mayWrite: true };
const signal = AbortSignal.timeout(60_000);

/** A machine on EC2, with files as they lie in it. */
const createMachine = async ({
  userData,
  contents = {},
  isAnswering = true,
}: {
  userData?: string;
  contents?: Record<string, string>;
  isAnswering?: boolean;
}) => {
  let requests = 0;
  const service = createEc2Metadata({
    metaData: { 'instance-id': 'i-1', 'instance-life-cycle': 'spot' },
    ...(userData === undefined ? {} : { userData }),
  });
  const { origin } = await startLoopbackServer((request, response) => {
    requests += 1;
    service.listener(request, response);
  });
  const ports = {
    ...createSourcePorts(isAnswering ? origin : 'http://127.0.0.1:1'),
    log: createLog('silent', () => undefined),
  };
  const all = { '/sys/class/dmi/id/bios_vendor': 'Amazon EC2\n', ...contents };
  for (const [path, content] of Object.entries(all)) {
    await ports.files.makeDirectory(path.slice(0, path.lastIndexOf('/')), { mode: 0o755 });
    await ports.files.write(path, content, { mode: 0o644 });
  }
  const find = async (input = INPUT) => (await findMachineTexts(ports, input, signal)).texts;
  return { ports, find, requests: () => requests };
};
const OWN = { '/etc/pilotage/context.d/50-site.yaml': SITE };
const IMAGE = { '/usr/lib/pilotage/context.d/10-image.yaml': 'version: 1\n' };

describe('the context', () => {
  test('of files goes before the cloud’s user-data', async () => {
    const { find } = await createMachine({ userData: 'version: 1\npilots: {}\n', contents: OWN });
    expect(await find()).toEqual([{ name: '/etc/pilotage/context.d/50-site.yaml', text: SITE }]);
  });

  test('of files does not depend on a cloud that does not answer', async () => {
    const { find } = await createMachine({ contents: OWN, isAnswering: false });
    expect(await find()).toHaveLength(1);
  });

  test('is the user-data where there is no file', async () => {
    const { find } = await createMachine({ userData: SITE });
    expect(await find()).toMatchObject([{ name: 'user-data of ec2', text: SITE }]);
  });

  test('is the image’s, and then the user-data', async () => {
    const { find } = await createMachine({ userData: SITE, contents: IMAGE });
    expect((await find()).map(({ text }) => text)).toEqual(['version: 1\n', SITE]);
  });

  test.each([
    ['there is no user-data', undefined],
    ['the user-data is a script', '#!/bin/sh\ntrue\n'],
    ['the user-data is for cloud-init', '#cloud-config\nusers: []\n'],
  ])('is the image’s alone where %s', async (_what, userData) => {
    const { find } = await createMachine({
      contents: IMAGE,
      ...(userData === undefined ? {} : { userData }),
    });
    expect((await find()).map(({ text }) => text)).toEqual(['version: 1\n']);
  });

  test('is not the image’s alone where the user-data is broken or not to be had', async () => {
    const broken = await createMachine({
      userData: '#cloud-config\nwrite_files: [',
      contents: IMAGE,
    });
    await expect(broken.find()).rejects.toMatchObject({ code: 'context-invalid' });
    const silent = await createMachine({ contents: IMAGE, isAnswering: false });
    await expect(silent.find()).rejects.toMatchObject({ code: 'http-failed' });
  });

  test('is missing only if the cloud has said so', async () => {
    const none = await createMachine({});
    await expect(none.find()).rejects.toMatchObject({
      code: 'context-missing',
      message: expect.stringContaining('pilotage-agent source'),
    });
    const silent = await createMachine({ isAnswering: false });
    await expect(silent.find()).rejects.toMatchObject({ code: 'http-failed' });
  });

  test('in user-data that is no context is refused by the source’s name', async () => {
    const { find } = await createMachine({ userData: '#!/bin/sh\n' });
    await expect(find()).rejects.toMatchObject({
      code: 'context-invalid',
      message: expect.stringMatching(/^user-data of ec2/),
    });
  });
});

describe('what was learnt', () => {
  test('is asked once a boot, closed to others, and tells who this VM is', async () => {
    const { ports, find, requests } = await createMachine({ userData: SITE });
    await find();
    const asked = requests();
    expect(await find()).toMatchObject([{ text: SITE }]);
    expect(requests()).toBe(asked);
    for (const path of ['/run/pilotage/learnt.json', '/run/pilotage/user-data.base64'])
      expect((await ports.files.facts(path))?.mode).toBe(0o600);
    const machine = { instanceId: 'machine-id', bootId: 'b-1', hostname: 'h' };
    expect(await asLearnt(ports.files, machine)).toEqual({
      ...machine,
      instanceId: 'i-1',
      cloud: { cloud: 'ec2', instanceId: 'i-1', lifeCycle: 'spot' },
    });
    expect((await asLearnt(ports.files, { ...machine, bootId: 'b-2' })).instanceId).toBe(
      'machine-id',
    );
    await find({ ...INPUT, bootId: 'b-2' });
    expect(requests()).toBe(2 * asked);
  });

  test('is not believed where its file is damaged or its user-data is gone', async () => {
    const { ports, find, requests } = await createMachine({ userData: SITE });
    await find();
    const asked = requests();
    await ports.files.remove('/run/pilotage/user-data.base64');
    expect(await find()).toHaveLength(1);
    expect(requests()).toBe(2 * asked);
    await ports.files.write('/run/pilotage/learnt.json', '{"bootId":', { mode: 0o600 });
    expect(await find()).toHaveLength(1);
    expect(requests()).toBe(3 * asked);
  });

  test('may be as large as any source gives it', async () => {
    const userData = 'x'.repeat(1024 * 1024 - 100);
    const { ports } = await createMachine({
      contents: { '/dev/disk/by-label/CONTEXT/context.sh': `USER_DATA='${userData}'\n` },
    });
    for (let time = 0; time < 2; time += 1) {
      const lesson = await learn(ports, { ...INPUT, needsUserData: true }, signal);
      expect(lesson.userData?.bytes.length).toBe(userData.length);
    }
  });

  test('is not kept where nothing may be written', async () => {
    const { ports, find } = await createMachine({ userData: SITE });
    await find({ ...INPUT, mayWrite: false });
    expect(await ports.files.list('/run')).toEqual([]);
  });

  test('gives way to the id that cloud-init left', async () => {
    const { ports, find } = await createMachine({
      userData: SITE,
      contents: { '/var/lib/cloud/data/instance-id': 'iid-1\n' },
    });
    await find();
    const machine = { instanceId: 'iid-1', bootId: 'b-1', hostname: 'h' };
    expect((await asLearnt(ports.files, machine)).instanceId).toBe('iid-1');
  });

  test('stands where cloud-init gives every VM the same id', async () => {
    const { ports, find } = await createMachine({
      userData: SITE,
      contents: {
        '/var/lib/cloud/data/instance-id': 'iid-dsopennebula\n',
        '/etc/machine-id': 'm-1\n',
      },
    });
    await find();
    const machine = await readMachineId(ports.files, ports.files);
    expect(machine.instanceId).toBe('m-1');
    const input = { ...machine, bootId: INPUT.bootId };
    expect((await asLearnt(ports.files, input)).instanceId).toBe('i-1');
  });
});

describe('the lifeline', () => {
  const lifelineOf = async (machine: Awaited<ReturnType<typeof createMachine>>) => {
    await resolveLifeline(machine.ports, MACHINE, signal);
    return readLifeline(machine.ports.files);
  };

  test('is found in user-data', async () => {
    const lifeline = await lifelineOf(await createMachine({ userData: WITH_RECEIVER }));
    expect(lifeline.receiver?.url).toBe('https://r.example.org');
  });

  test('is found in user-data that is wrong elsewhere', async () => {
    const userData = `${WITH_RECEIVER}pilotz: 3\n`;
    const lifeline = await lifelineOf(await createMachine({ userData }));
    expect(lifeline.receiver?.url).toBe('https://r.example.org');
  });

  test('of a file needs no cloud where cloud-init has left an id', async () => {
    const machine = await createMachine({
      userData: SITE,
      contents: {
        '/etc/pilotage/context.d/00-receiver.yaml': WITH_RECEIVER.replace(/scratch.*\n/, ''),
        '/var/lib/cloud/data/instance-id': 'iid-1\n',
      },
    });
    expect((await lifelineOf(machine)).receiver?.url).toBe('https://r.example.org');
    expect(machine.requests()).toBe(0);
  });

  test('is none where the cloud has no user-data, and a failure where it does not answer', async () => {
    expect((await lifelineOf(await createMachine({}))).receiver).toBeUndefined();
    await expect(lifelineOf(await createMachine({ isAnswering: false }))).rejects.toMatchObject({
      code: 'http-failed',
    });
  });

  test('is merged from all texts that can be read', () => {
    const text = lifelineTextOf([
      { name: 'a', text: 'version: 1\nhold: 5m\nidentity: {site: A}\n' },
      { name: 'b', text: ': [' },
      { name: 'c', text: 'version: 1\nidentity: {vo: v}\npilots: 7\n' },
    ]);
    expect(parseLifeline(text).lifeline).toMatchObject({
      hold: 300_000,
      identity: { site: 'A', vo: 'v' },
    });
    expect(() => lifelineTextOf([{ name: 'b', text: ': [' }])).toThrow(/^b:1: /);
  });
});
