import { describe, expect, test } from 'vitest';
import { changesUnderPilots } from '../../../../agent/context/reload/fixed-under-pilots.ts';
import { describeReload } from '../../../../agent/errands/describe-reload.ts';
import { contextOf } from '../monitor/worlds.ts';

const COMMAND = { kind: 'command', command: ['/bin/pilot'], slots: 'whole-node' };
const known = (parts: object = {}) => ({ state: 'done', context: contextOf(parts) });

describe('a context that was taken up', () => {
  test.each([
    [{}, {}, 'nothing is another than before'],
    [{ peek: { allow: ['ps'] } }, {}, 'changed: peek'],
    [{}, { policies: { zeroLoad: false }, peek: { allow: ['ps'] } }, 'changed: peek, policies'],
    [
      {},
      { identity: { site: 'CERN' } },
      "changed: identity; identity holds from the agent's next start on",
    ],
  ])('%# says what it brings', (before, after, told) => {
    expect(describeReload(known(before), known(after))).toBe(told);
  });

  test('by a VM that had none says no more', () => {
    expect(describeReload({ ...known(), state: 'failed' }, known())).toBe('contextualized');
  });
});

describe('under pilots that run', () => {
  const slot = { name: '00', cores: 2, memoryMb: 2000, user: 'plt00' };
  const resolved = (parts: object = {}, slots = [slot]) => ({ context: contextOf(parts), slots });

  test.each<[string, ReturnType<typeof resolved>, string[]]>([
    ['policies may change', resolved({ policies: { noPayloads: false } }), []],
    ['their pilots’ options may', resolved({ pilots: { ...COMMAND, idleEnd: '5m' } }), []],
    ['scratch may not', resolved({ scratch: { path: '/data' } }), ['scratch']],
    ['users may not', resolved({ users: { prefix: 'job' } }), ['users']],
    ['their slot may not', resolved({}, [{ ...slot, cores: 1 }]), ['slot 00']],
    ['their slot may not go', resolved({}, []), ['slot 00']],
    [
      'their kind may not',
      resolved({
        pilots: { kind: 'htcondor', collectors: ['cm.example.org'], token: 't' },
        credentials: [{ name: 't', content: 'x' }],
      }),
      ['pilots.kind', 'pilots.mode'],
    ],
  ])('%s', (_what, after, changes) => {
    expect(changesUnderPilots(resolved(), after, ['00'])).toEqual(changes);
    expect(changesUnderPilots(resolved(), after, [])).toEqual([]);
  });

  test('another slot may come or go', () => {
    const two = resolved({}, [slot, { ...slot, name: '01' }]);
    expect(changesUnderPilots(resolved(), two, ['00'])).toEqual([]);
    expect(changesUnderPilots(two, resolved(), ['00'])).toEqual([]);
  });
});
