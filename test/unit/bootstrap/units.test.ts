import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULT_CONTEXT } from '../../../agent/context/schema.ts';
import { INSTALLED_FILES } from '../../../bootstrap/installed-files.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
const UNITS = join(REPOSITORY, 'bootstrap/systemd');

/** Settings of a unit by section and name, as systemd.syntax(7) has them; a name may come more than once. */
const settingsOf = (name: string): string[] => {
  let section = '';
  return readFileSync(join(UNITS, name), 'utf8')
    .split('\n')
    .flatMap(line => {
      const opened = /^\[(\w+)\]$/.exec(line)?.[1];
      if (opened !== undefined) section = opened;
      return line === '' || /^[#[]/.test(line) ? [] : [`${section}.${line}`];
    });
};
const durationS = (text: string): number => {
  const [, count, unit] = /^(\d+)(s|min)?$/.exec(text) ?? [];
  return Number(count) * (unit === 'min' ? 60 : 1);
};
const settingOf = (name: string, key: string): string | undefined =>
  settingsOf(name)
    .find(line => line.startsWith(`${key}=`))
    ?.slice(key.length + 1);

describe('the dead man’s watch', () => {
  const NAME = 'pilotage-dead-man.service';

  test('is there from the first moments of a boot to the last ones of a shutdown', () => {
    expect(settingsOf(NAME)).toEqual(
      expect.arrayContaining([
        'Unit.DefaultDependencies=no',
        'Unit.IgnoreOnIsolate=yes',
        'Install.WantedBy=sysinit.target',
      ]),
    );
    expect(settingsOf(NAME).filter(line => /Conflicts|PartOf|BindsTo|Requires/.test(line))).toEqual(
      [],
    );
  });

  test('comes back however often it is killed, and is the last that memory is taken from', () => {
    expect(settingsOf(NAME)).toEqual(
      expect.arrayContaining([
        'Unit.StartLimitIntervalSec=0',
        'Service.Restart=always',
        'Service.OOMScoreAdjust=-1000',
      ]),
    );
  });

  test('has a name that systemd-shutdown spares, and does not need the agent’s binary', () => {
    const [program, name, script] = (settingOf(NAME, 'Service.ExecStart') ?? '').split(' ');
    expect([program, name]).toEqual(['@/bin/bash', '@pilotage-dead-man']);
    const installed = INSTALLED_FILES.find(({ path }) => path === script);
    expect(installed?.mode).toBe(0o755);
    expect(statSync(join(REPOSITORY, installed?.from ?? '')).mode & 0o111).toBe(0o111);
  });
});

describe('the agent', () => {
  const NAME = 'pilotage-agent.service';

  test('is brought back by systemd before the dead man’s watch ends the VM', () => {
    const watchdogS = durationS(settingOf(NAME, 'Service.WatchdogSec') ?? '');
    const stopS = durationS(settingOf(NAME, 'Service.TimeoutStopSec') ?? '');
    const startS = durationS(settingOf(NAME, 'Service.TimeoutStartSec') ?? '');
    expect((watchdogS + stopS + startS) * 1000).toBeLessThan(DEFAULT_CONTEXT.ending.deadMan);
  });

  test('that cannot stay alive ends the VM', () => {
    expect(settingOf(NAME, 'Unit.StartLimitAction')).toBe('poweroff');
    expect(Number(settingOf(NAME, 'Service.OOMScoreAdjust'))).toBeLessThan(-500);
  });
});

test('every file that is installed is there', () => {
  expect(INSTALLED_FILES.filter(({ from }) => !existsSync(join(REPOSITORY, from)))).toEqual([]);
  expect(readdirSync(UNITS).length).toBeGreaterThan(2);
});

test('a panic reboots, which the agent then tells of', () => {
  const sysctl = readFileSync(join(REPOSITORY, 'bootstrap/system/sysctl.conf'), 'utf8');
  expect(Number(/^kernel\.panic = (\d+)$/m.exec(sysctl)?.[1])).toBeGreaterThan(0);
});
