import { describe, expect, test } from 'vitest';
import { applySteps } from '../../../../agent/context/apply.ts';
import { readHookPaths } from '../../../../agent/context/hook-paths.ts';
import type { Step } from '../../../../agent/context/step.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import type { Files } from '../../../../platform/files.ts';
import { createFolderMachine } from '../../../support/folder-machine.ts';
import { createStepPorts } from '../../../support/step-ports.ts';

const MACHINE = { instanceId: 'i-1', bootId: 'b-1' };
const cvmfs = (content: string): Step => ({
  kind: 'cvmfs',
  id: 'cvmfs',
  what: 'configure',
  lasts: 'instance',
  files: [{ path: '/etc/cvmfs/default.local', content, mode: 0o644 }],
});
const features: Step = {
  kind: 'machine-features',
  id: 'machine-features',
  what: 'publish',
  lasts: 'boot',
  folder: '/run/pilotage/machinefeatures',
  keys: { total_cpu: '4' },
};

const outcomes = async (files: Files, steps: Step[], machine = MACHINE) =>
  (await applySteps(steps, machine, createStepPorts(files))).map(({ outcome }) => outcome);

describe('steps', () => {
  test('are done once: the second run spares them', async () => {
    const { files } = createFolderMachine();
    expect(await outcomes(files, [cvmfs('a'), features])).toEqual(['done', 'done']);
    expect(await outcomes(files, [cvmfs('a'), features])).toEqual(['spared', 'spared']);
  });

  test('are done again where they changed', async () => {
    const { files } = createFolderMachine();
    await outcomes(files, [cvmfs('a'), features]);
    expect(await outcomes(files, [cvmfs('b'), features])).toEqual(['done', 'spared']);
    expect(await files.read('/etc/cvmfs/default.local', 100)).toBe('b');
  });

  test('after a reboot repeat only what a reboot loses', async () => {
    const { files } = createFolderMachine();
    await outcomes(files, [cvmfs('a'), features]);
    expect(await outcomes(files, [cvmfs('a'), features], { ...MACHINE, bootId: 'b-2' })).toEqual([
      'spared',
      'done',
    ]);
  });

  test('are all done anew on a copy of the disk', async () => {
    const { files } = createFolderMachine();
    await outcomes(files, [cvmfs('a'), features]);
    expect(
      await outcomes(files, [cvmfs('a'), features], { ...MACHINE, instanceId: 'i-2' }),
    ).toEqual(['done', 'done']);
  });

  test('that failed are told by name, end the run, and are tried again next time', async () => {
    const { files } = createFolderMachine();
    const full: Files = {
      ...files,
      write: (path, ...rest) =>
        path.startsWith('/etc/cvmfs')
          ? Promise.reject(
              new PilotageError('file-failed', 'no space left on device', { errno: 'ENOSPC' }),
            )
          : files.write(path, ...rest),
    };
    await expect(outcomes(full, [cvmfs('a'), features])).rejects.toThrow(
      'configure: no space left on device',
    );
    expect(await files.facts('/run/pilotage/machinefeatures')).toBeUndefined();
    expect(await outcomes(files, [cvmfs('a'), features])).toEqual(['done', 'done']);
  });

  test('whose marker is damaged are done again', async () => {
    const { files } = createFolderMachine();
    await outcomes(files, [features]);
    await files.write('/var/lib/pilotage/steps/machine-features.json', '{"trunca', { mode: 0o600 });
    expect(await outcomes(files, [features])).toEqual(['done']);
  });
});

describe('a changed context', () => {
  const LOCAL = '/etc/cvmfs/default.local';

  test('takes back what it no longer asks for, and tells so', async () => {
    const { files } = createFolderMachine();
    await outcomes(files, [cvmfs('a'), features]);
    expect(await outcomes(files, [features])).toEqual(['undone', 'spared']);
    expect(await files.facts(LOCAL)).toBeUndefined();
    expect(await outcomes(files, [features])).toEqual(['spared']);
  });

  test('gives a file of the image back as it was, however often it was rewritten', async () => {
    const { files } = createFolderMachine();
    await files.makeDirectory('/etc/cvmfs', { mode: 0o755 });
    await files.write(LOCAL, 'of the image', { mode: 0o640 });
    await outcomes(files, [cvmfs('a')]);
    await outcomes(files, [cvmfs('b')]);
    await outcomes(files, []);
    expect(await files.read(LOCAL, 100)).toBe('of the image');
    expect(await files.facts(LOCAL)).toMatchObject({ mode: 0o640 });
  });

  test('removes what the same step no longer holds', async () => {
    const { files } = createFolderMachine();
    const key = { path: '/etc/cvmfs/keys/x.pub', content: 'k', mode: 0o644 };
    const step = cvmfs('a');
    if (step.kind !== 'cvmfs') expect.fail();
    await outcomes(files, [{ ...step, files: [...step.files, key] }]);
    expect(await files.read(key.path, 100)).toBe('k');
    await outcomes(files, [step]);
    expect(await files.facts(key.path)).toBeUndefined();
    expect(await files.read(LOCAL, 100)).toBe('a');
  });

  test('needs not take back what a reboot has', async () => {
    const { files } = createFolderMachine();
    await outcomes(files, [features]);
    const refusing: Files = {
      ...files,
      remove: path =>
        path.includes('machinefeatures')
          ? Promise.reject(new Error('was asked'))
          : files.remove(path),
    };
    await expect(outcomes(refusing, [])).rejects.toThrow(/cannot take back: publish: was asked/);
    expect(await outcomes(refusing, [], { ...MACHINE, bootId: 'b-2' })).toEqual(['undone']);
  });

  test('tells what cannot be taken back', async () => {
    const { files } = createFolderMachine();
    const users: Step = {
      kind: 'pilot-users',
      id: 'u',
      what: 'u',
      lasts: 'instance',
      group: 'g',
      groups: [],
      users: [],
    };
    await outcomes(files, [users]);
    expect(await outcomes(files, [])).toEqual(['left']);
  });

  test('takes back in the order opposite to that in which it was done', async () => {
    const { files } = createFolderMachine();
    const other: Step = { ...features, id: 'a-later-one', folder: '/run/pilotage/other' };
    await outcomes(files, [features, other]);
    const results = await applySteps([], MACHINE, createStepPorts(files));
    expect(results.map(({ id }) => id)).toEqual(['a-later-one', 'machine-features']);
  });
});

describe('a hook', () => {
  const hook: Step = {
    kind: 'hook',
    id: 'h',
    what: 'run it',
    lasts: 'boot',
    path: '/etc/pilotage/pre.d/10-note',
    limitMs: 1000,
  };
  const withHook = async (script: string, mode = 0o755) => {
    const { files } = createFolderMachine();
    await files.makeDirectory('/etc/pilotage/pre.d', { mode: 0o755 });
    await files.write(hook.path, `#!/bin/sh\n${script}\n`, { mode });
    return files;
  };

  test('runs, with nothing of our environment', async () => {
    const files = await withHook('env | cut -d= -f1 | sort >"$(dirname "$0")/../seen"');
    expect(await outcomes(files, [hook])).toEqual(['done']);
    expect((await files.read('/etc/pilotage/seen', 1000))?.split('\n')).toEqual(
      expect.arrayContaining(['LANG', 'PATH']),
    );
    expect(await files.read('/etc/pilotage/seen', 1000)).not.toMatch(/HOME|npm_/);
  });

  test('that fails or takes too long fails its step, with its own words', async () => {
    await expect(outcomes(await withHook('echo no such disk >&2; exit 3'), [hook])).rejects.toThrow(
      /run it: .*exit code 3: no such disk/,
    );
    await expect(outcomes(await withHook('exec sleep 60'), [hook])).rejects.toThrow(
      /did not end within 1000 ms/,
    );
  });

  test('that others may change is not run', async () => {
    await expect(outcomes(await withHook('true', 0o777), [hook])).rejects.toThrow(/chmod go-w/);
  });

  test('is found by its name and mode, in order', async () => {
    const files = await withHook('true');
    for (const [name, mode] of [
      ['05-first', 0o700],
      ['notes.txt', 0o755],
      ['20-off', 0o644],
    ] as const)
      await files.write(`/etc/pilotage/pre.d/${name}`, '', { mode });
    expect(await readHookPaths(files)).toEqual({
      pre: ['/etc/pilotage/pre.d/05-first', '/etc/pilotage/pre.d/10-note'],
      post: [],
    });
  });
});

describe('pilot users', () => {
  test('of a folder are lines in its files, also where it has none yet', async () => {
    const { files } = createFolderMachine();
    const step: Step = {
      kind: 'pilot-users',
      id: 'u',
      what: 'u',
      lasts: 'instance',
      group: 'pilots',
      groups: [],
      users: [
        { name: 'plt00', home: '/scratch/plt00' },
        { name: 'plt01', home: '/scratch/plt01' },
      ],
    };
    await outcomes(files, [step]);
    await files.remove('/var/lib/pilotage/steps');
    await outcomes(files, [step]);
    expect(await files.read('/etc/passwd', 1000)).toMatch(
      /^plt00:x:\d+:(\d+)::\/scratch\/plt00:\/usr\/sbin\/nologin\nplt01:x:\d+:\1::[^\n]+\n$/,
    );
    expect(await files.read('/etc/group', 1000)).toMatch(/^pilots:x:\d+:\n$/);
  });
});

describe('a credential', () => {
  test('is readable by its owner only, in a folder that only its owner enters', async () => {
    const { files } = createFolderMachine();
    await files.makeDirectory('/etc', { mode: 0o755 });
    const users: Step = {
      kind: 'pilot-users',
      id: 'u',
      what: 'u',
      lasts: 'instance',
      group: 'pilots',
      groups: [],
      users: [{ name: 'plt00', home: '/scratch/plt00' }],
    };
    const credential: Step = {
      kind: 'credential',
      id: 'c',
      what: 'c',
      lasts: 'boot',
      path: '/run/pilotage/credentials/plt00/token',
      owner: 'plt00',
      content: 'hush',
    };
    await files.makeDirectory('/run/pilotage', { mode: 0o755 });
    await outcomes(files, [users, credential]);
    expect(await files.facts('/run/pilotage/credentials')).toMatchObject({ mode: 0o711 });
    expect(await files.facts('/run/pilotage/credentials/plt00')).toMatchObject({ mode: 0o700 });
    expect(await files.facts('/run/pilotage/credentials/plt00/token')).toMatchObject({
      mode: 0o600,
    });
    expect(await files.read('/var/lib/pilotage/steps/c.json', 1000)).not.toContain('hush');
  });
});
