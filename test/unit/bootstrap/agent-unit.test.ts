import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemdRunArguments } from '../../../agent/pilot/unit/systemd.ts';
import { parseTimeSpan } from '../../../platform/time-span.ts';

const UNIT = join(import.meta.dirname, '../../../bootstrap/systemd/pilotage-agent.service');

/** All words of a setting, which may come several times. */
const wordsOf = (setting: string): string[] =>
  readFileSync(UNIT, 'utf8')
    .split('\n')
    .filter(line => line.startsWith(`${setting}=`))
    .flatMap(line => line.slice(setting.length + 1).split(' '));

/** systemd.unit(5): of two units that are stopped together, what was started first is stopped last. */
describe('when the system stops', () => {
  test('a pilot is stopped after the agent', () => {
    const args = systemdRunArguments({
      ...{ slot: '00', generation: 1, command: ['/bin/pilot'], environment: {} },
      ...{ workingFolder: '/scratch/plt00', user: 'plt00', owner: undefined },
      limits: { cores: 1, memoryMb: 100, tasks: 10 },
    });
    expect(args).toContain('Before=pilotage-agent.service');
  });

  test('so are the slice of all pilots, mounts of other machines, CVMFS and the network', () => {
    expect(wordsOf('Before')).not.toContain('pilotage-pilots.slice');
    for (const unit of [
      'pilotage-pilots.slice',
      'remote-fs.target',
      'autofs.service',
      'network-online.target',
    ])
      expect(wordsOf('After')).toContain(unit);
  });

  test('the agent alone is told, and has minutes', () => {
    expect(wordsOf('KillMode')).toEqual(['mixed']);
    expect(parseTimeSpan(wordsOf('TimeoutStopSec').join(' '))).toBeGreaterThanOrEqual(120_000);
  });
});
