import { describe, expect, test } from 'vitest';
import { limitsOf, reachOf } from '../../../../agent/monitor/plan-unit.ts';
import { commandKind } from '../../../../agent/pilot/kinds/command.ts';
import { htcondorKind } from '../../../../agent/pilot/kinds/htcondor.ts';
import { runOf } from '../pilot/kinds/runs.ts';

const COMMAND = { command: ['/bin/pilot'], slots: 'whole-node' };
const CONDOR = { collectors: ['cm.example.org'], token: 'pool' };
const WITH_TOKEN = { credentials: [{ name: 'pool', content: 'x' }] };

describe('what a run sees of our folders and of scratch', () => {
  test('is its own, and what all pilots are told', () => {
    const run = runOf('command', COMMAND);
    expect(reachOf(run, commandKind.launch(run))).toEqual({
      scratch: '/scratch',
      own: ['/run/pilotage/pilots/00-1', '/scratch/plt00', '/run/pilotage/credentials/plt00'],
      shown: [
        '/run/pilotage/machinefeatures',
        '/run/pilotage/jobfeatures/00',
        '/run/pilotage/told',
      ],
      tmp: '/scratch/plt00.tmp',
    });
  });

  test('is also what its kind asked for: as root, the folders of payloads and of its token', () => {
    const run = runOf('htcondor', CONDOR, WITH_TOKEN);
    const { own } = reachOf(run, htcondorKind.launch(run));
    expect(own).toEqual([
      ...['/run/pilotage/pilots/00-1', '/scratch/plt00', '/run/pilotage/credentials/plt00'],
      ...['/run/pilotage/credentials/condor-00', '/scratch/plt00.execute'],
    ]);
  });

  test('is also the home of its payloads’ user', () => {
    const run = runOf('command', COMMAND, { users: { payloadPrefix: 'pay' } });
    expect(reachOf(run, { files: [] }).own).toContain('/scratch/pay00');
  });

  test('is never a folder of all slots, whatever a kind asks for', () => {
    const run = runOf('command', COMMAND);
    const asked = [
      ...['/scratch/file', '/run/pilotage/file', '/run/pilotage/credentials/file', '/etc/file'],
      '/run/pilotage/pilots/file',
    ].map(path => ({ path, mode: 0o600, owner: 'pilot' as const, content: '' }));
    expect(reachOf(run, { files: asked })).toEqual(reachOf(run, { files: [] }));
  });
});

test.each([
  [{}, { cores: 4, memoryMb: 3800, tasks: 8192 }],
  [{ swapMbPerSlot: 0 }, { cores: 4, memoryMb: 3800, tasks: 8192, swapMb: 0 }],
])('with the features %j a run is limited to %j', (features, limits) => {
  expect(limitsOf(runOf('command', COMMAND, { features }))).toEqual(limits);
});
