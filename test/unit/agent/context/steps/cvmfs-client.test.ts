import { describe, expect, test } from 'vitest';
import type { Step } from '../../../../../agent/context/step.ts';
import type { ExecOptions } from '../../../../../platform/exec.ts';
import { createLeapingClock } from '../../../../support/leaping-clock.ts';
import { createMemoryFiles } from '../../../../support/memory-files.ts';
import { createMemorySystem } from '../../../../support/memory-system.ts';
import { createStepPorts, outcomesOf } from '../../../../support/step-ports.ts';

type Installation = NonNullable<Extract<Step, { kind: 'cvmfs-client' }>['installation']>;

const stepOf = (installation?: Partial<Installation>): Step => ({
  kind: 'cvmfs-client',
  id: 'cvmfs-client',
  what: 'have a client',
  lasts: 'instance',
  ...(installation === undefined
    ? {}
    : {
        installation: {
          names: ['cvmfs'],
          files: [],
          environment: { https_proxy: 'http://squid:3128' },
          limitMs: 600_000,
          ...installation,
        },
      }),
});

/** A machine on which each program takes a while, and the one for the client itself brings it. */
const machineWith = ({ tookMs = 60_000, brings = true } = {}) => {
  const files = createMemoryFiles();
  const clock = createLeapingClock();
  const ran: { line: string; options: ExecOptions }[] = [];
  const exec = {
    run: async (command: string, args: readonly string[], options: ExecOptions) => {
      ran.push({ line: [command, ...args].join(' '), options });
      await clock.sleep(tookMs);
      if (brings && args.at(-1) === 'cvmfs') {
        await files.makeDirectory('/usr/bin', { mode: 0o755 });
        await files.write('/usr/bin/cvmfs_config', '', { mode: 0o755 });
      }
      return { exitCode: 0, stdout: '', stderr: '' };
    },
  };
  const ports = createStepPorts(files, { exec, clock, system: createMemorySystem({}) });
  return { files, ports, ran, lines: () => ran.map(({ line }) => line) };
};

const APT =
  'apt-get --quiet --assume-yes --no-install-recommends -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold';
const DEB = 'https://example.org/cvmfs-release-latest_all.deb';
const RPM = 'https://example.org/cvmfs-release-latest.noarch.rpm';

describe('the client', () => {
  test.each([
    [
      { manager: 'apt-get', release: DEB },
      [
        `/usr/lib/apt/apt-helper -o Acquire::Retries=3 download-file ${DEB} /run/pilotage/cvmfs-release.deb`,
        `${APT} update`,
        `${APT} install /run/pilotage/cvmfs-release.deb`,
        `${APT} update`,
        `${APT} install cvmfs`,
      ],
    ],
    [{ manager: 'apt-get' }, [`${APT} update`, `${APT} install cvmfs`]],
    [
      { manager: 'dnf', release: RPM },
      [
        `dnf --assumeyes --setopt=retries=3 install ${RPM}`,
        'dnf --assumeyes --setopt=retries=3 install cvmfs',
      ],
    ],
    [
      { manager: 'yum', names: ['cvmfs-config-osg', 'cvmfs'] },
      ['yum --assumeyes --setopt=retries=3 install cvmfs-config-osg cvmfs'],
    ],
  ] as const)('is installed with %j', async (installation, expected) => {
    const { ports, ran, lines } = machineWith();
    const step = stepOf(structuredClone(installation) as Partial<Installation>);
    expect(await outcomesOf([step], ports)).toEqual({ 'cvmfs-client': 'done' });
    expect(lines()).toEqual(expected);
    expect(ran[0]?.options.env).toMatchObject({
      DEBIAN_FRONTEND: 'noninteractive',
      https_proxy: 'http://squid:3128',
      PATH: expect.any(String),
    });
    expect(await outcomesOf([step], ports)).toEqual({ 'cvmfs-client': 'spared' });
  });

  test('is not installed twice, but again where it has gone', async () => {
    const { files, ports, ran } = machineWith();
    await files.makeDirectory('/usr/bin', { mode: 0o755 });
    await files.write('/usr/bin/cvmfs_config', '', { mode: 0o755 });
    await outcomesOf([stepOf({ manager: 'dnf' })], ports);
    expect(ran).toEqual([]);
    await files.remove('/usr/bin/cvmfs_config');
    expect(await outcomesOf([stepOf({ manager: 'dnf' })], ports)).toEqual({
      'cvmfs-client': 'done',
    });
    expect(ran).toHaveLength(1);
  });

  test('comes from a repository whose key is there first', async () => {
    const { files, ports } = machineWith();
    const key = { path: '/etc/apt/keyrings/x.asc', content: 'key', mode: 0o644 };
    await outcomesOf([stepOf({ manager: 'apt-get', files: [key] })], ports);
    expect(await files.read(key.path, 100)).toBe('key');
  });

  test('has all its programs done within one limit', async () => {
    const { ports, ran } = machineWith({ tookMs: 250_000 });
    const step = stepOf({ manager: 'apt-get', release: DEB, limitMs: 600_000 });
    await expect(outcomesOf([step], ports)).rejects.toThrow(
      'the CVMFS client cannot be installed: not done within 600000 ms; remedy:',
    );
    expect(ran.map(({ options }) => options.timeoutMs)).toEqual([600_000, 350_000, 100_000]);
  });

  test.each([
    [
      'that must not be installed',
      undefined,
      'this machine has no CVMFS client; remedy: install it into the image',
    ],
    ['for which there is no program', {}, 'neither dnf, yum nor apt-get; remedy:'],
  ])('%s fails with a remedy', async (_what, installation, words) => {
    const { ports } = machineWith();
    await expect(outcomesOf([stepOf(installation)], ports)).rejects.toThrow(words);
  });

  test('that was in none of the packages fails with a remedy', async () => {
    const { ports } = machineWith({ brings: false });
    await expect(outcomesOf([stepOf({ manager: 'dnf' })], ports)).rejects.toThrow(
      'cvmfs brought no CVMFS client; remedy:',
    );
  });
});
