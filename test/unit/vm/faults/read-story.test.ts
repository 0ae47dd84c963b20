import { describe, expect, it } from 'vitest';
import { readStory, tellStory } from '../../../vm/faults/read-story.ts';

const agent = (pid: number, line: object): string =>
  `[  124.507530] faults pilotage-agent[${pid}]: ${JSON.stringify({ level: 'info', ...line })}`;

const JOURNAL = [
  '[  120.000001] faults systemd[1]: Starting pilotage-agent.service - Pilotage agent…',
  agent(700, { msg: 'agent started', pid: 700 }),
  agent(700, { msg: 'phase', phase: 'contextualizing', reason: '' }),
  '[  130.000001] faults payload[812]: begun',
  agent(700, { msg: 'phase', phase: 'running', reason: '' }),
  agent(820, { msg: 'agent started', pid: 820 }),
  agent(820, { msg: 'phase', phase: 'running', reason: '' }),
  '[  140.000001] faults payload[812]: finished',
  agent(820, { msg: 'phase', phase: 'halting', reason: 'pilots-ended: over' }),
  '[  141.000001] faults pilotage-agent[820]: {"level":"info","msg":"farew',
].join('\n');

const CONSOLE = [
  'pilotage: running',
  '[  142.1] systemd[1]: Stopping pilotage: powering off: pilots-ended: every pilot has ended',
  'Powering off.',
].join('\n');

describe('readStory', () => {
  it('reads what agents, payloads and the console tell', () => {
    expect(readStory(JOURNAL, CONSOLE)).toEqual({
      agents: 2,
      begun: 1,
      finished: 1,
      because: 'pilots-ended: every pilot has ended',
    });
  });

  it('takes the last reason, and knows silence', () => {
    expect(readStory('', 'pilotage: powering off: a\npilotage: powering off: b\n').because).toBe(
      'b',
    );
    expect(readStory('', '')).toEqual({
      ...{ agents: 0, begun: 0, finished: 0, because: undefined },
    });
  });

  it('believes nobody but the agent and the payload', () => {
    const told = '[  1.0] faults other[1]: begun\n[  1.0] faults payload[1]: begun again\n';
    expect(readStory(told, '').begun).toBe(0);
  });
});

describe('tellStory', () => {
  it('is a line for people', () => {
    expect(tellStory(readStory(JOURNAL, CONSOLE), 1)).toBe(
      'the agent came back once, 1 of 1 payload finished, “pilots-ended: every pilot has ended”',
    );
    expect(tellStory({ ...readStory(JOURNAL, ''), begun: 2 }, 0)).toBe(
      'the agent came back 2 times, 1 of 2 payloads finished, no word on why it ended',
    );
    expect(tellStory(readStory('', ''), 0)).toBe('no payload, no word on why it ended');
  });
});
