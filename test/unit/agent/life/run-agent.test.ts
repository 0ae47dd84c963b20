import { describe, expect, test } from 'vitest';
import type { Preparer } from '../../../../agent/life/prepare.ts';
import { leaveRequest } from '../../../../agent/monitor/inbox.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import type { Files } from '../../../../platform/files.ts';
import type { Http } from '../../../../platform/http.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { contextOf } from '../monitor/worlds.ts';
import { ENROLLED, GONE, HEARD, LIFELINE, startAgent as start } from './agent-on-a-clock.ts';

const halt = async ({
  files,
  clock,
}: {
  files: Files;
  clock: { advance(ms: number): Promise<void> };
}) => {
  await leaveRequest(files, { kind: 'halt', reason: 'enough', mode: 'graceful' });
  await clock.advance(300_000);
};

describe('a halted VM leaves what it came to', () => {
  const outputs = contextOf({ features: { jobOutputs: '/etc/joboutputs' } });
  const preparer: Partial<Preparer> = {
    context: async () => ({ state: 'done', context: outputs, slots: [] }),
  };

  test('with its logs, and where Vac looks for it', async () => {
    const files = createMemoryFiles();
    await files.makeDirectory('/etc/joboutputs', { mode: 0o755 });
    const agent = await start({ files, preparer });
    await halt(agent);
    for (const folder of ['/var/log/pilotage', '/etc/joboutputs'])
      expect(await files.read(`${folder}/shutdown_message`, 1000)).toBe(
        '100 asked to shut down: operator: enough\n',
      );
  });

  test.each<[string, Partial<Files>]>([
    ['is not there', {}],
    ['hangs', { write: () => new Promise<void>(() => undefined) }],
  ])('and powers off where that folder %s', async (_what, broken) => {
    const files = createMemoryFiles();
    const agent = await start({
      files: {
        ...files,
        write: (path, ...rest) =>
          path.startsWith('/etc/joboutputs')
            ? (broken.write ?? files.write)(path, ...rest)
            : files.write(path, ...rest),
      },
      preparer,
    });
    await halt(agent);
    expect(agent.powerOffs).toEqual(['operator: enough']);
    expect(await files.read('/var/log/pilotage/shutdown_message', 1000)).toMatch(/^100 /);
  });
});

describe('a halted VM powers off', () => {
  test('without a receiver that would hear it', async () => {
    const agent = await start();
    await halt(agent);
    expect(agent.powerOffs).toEqual(['operator: enough']);
    expect(agent.end()).toBe('powered-off');
  });

  test('and tells its receiver, though its agent was killed and the next one begins with the halt', async () => {
    const files = createMemoryFiles();
    const deaf = await start({
      files,
      http: () => ({ ...GONE('', {}), request: () => new Promise(() => undefined) }),
    });
    await leaveRequest(files, { kind: 'halt', reason: 'enough', mode: 'graceful' });
    await deaf.clock.advance(5000);
    expect(deaf.powerOffs).toEqual([]);
    const heard: string[] = [];
    const http: Http = () => ({
      request: async ({ path, body = '' }) => {
        heard.push(...(/"state":"[a-z]+"/.exec(body) ?? []));
        return {
          status: 200,
          headers: {},
          body: JSON.stringify(path === '/v1/enrol' ? ENROLLED : HEARD),
        };
      },
      close: async () => undefined,
    });
    const clock = createManualClock();
    const slow: Preparer['lifeline'] = async signal => {
      await clock.sleep(10_000, signal);
      signal.throwIfAborted();
      return LIFELINE;
    };
    const next = await start({ files, http, clock, preparer: { lifeline: slow } });
    expect(next.powerOffs).toEqual(['operator: enough']);
    expect(heard.at(-1)).toBe('"state":"halted"');
  });

  test('even if saying farewell fails by a mistake of ours', async () => {
    let farewells = 0;
    const http: Http = () => ({
      request: async ({ path, body = '' }) => {
        if (body.includes('"state":"halted"')) {
          farewells += 1;
          throw new TypeError('a bug');
        }
        return {
          status: 200,
          headers: {},
          body: JSON.stringify(path === '/v1/enrol' ? ENROLLED : HEARD),
        };
      },
      close: async () => undefined,
    });
    const agent = await start({ http });
    await halt(agent);
    expect(farewells).toBe(1);
    expect(agent.powerOffs).toEqual(['operator: enough']);
  });

  test('even if nothing at all can be written any more', async () => {
    const files = createMemoryFiles();
    let full = false;
    const failing: Files = {
      ...files,
      write: (path, ...rest) =>
        full && !path.startsWith(PATHS.requests)
          ? Promise.reject(new PilotageError('file-failed', 'no space'))
          : files.write(path, ...rest),
      overwrite: (path, ...rest) =>
        full
          ? Promise.reject(new PilotageError('file-failed', 'input/output error'))
          : files.overwrite(path, ...rest),
    };
    const agent = await start({ files: failing });
    full = true;
    await halt(agent);
    expect(agent.powerOffs).toEqual(['operator: enough']);
  });

  test('even while it is still being contextualized', async () => {
    const context: Preparer['context'] = (_hold, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    const agent = await start({
      preparer: {
        context: (...args) =>
          context(...args).catch(() => ({
            state: 'failed',
            reason: 'ended',
            context: contextOf(),
          })),
      },
    });
    await halt(agent);
    expect(agent.powerOffs).toEqual(['operator: enough']);
    expect(agent.end()).toBe('powered-off');
  });
});

test('a drain that was taken back while no agent ran is taken back for the pilots too', async () => {
  const files = createMemoryFiles();
  await files.makeDirectory('/run/pilotage', { mode: 0o755 });
  await files.makeDirectory(PATHS.told, { mode: 0o755 });
  await files.write(PATHS.draining, '1\n', { mode: 0o644 });
  await start({ files });
  expect(await files.facts(PATHS.draining)).toBeUndefined();
});

test('an agent that is stopped leaves the power on and the pilots running', async () => {
  const agent = await start();
  agent.stop.abort();
  await agent.clock.advance(1000);
  expect(agent.end()).toBe('stopped');
  expect(agent.powerOffs).toEqual([]);
});

test('an agent whose system stops ends its pilots first, and says that it halted for that', async () => {
  const agent = await start();
  expect(await agent.pilots()).toEqual(['running']);
  agent.systemStop.abort();
  await agent.clock.advance(60_000);
  expect(await agent.pilots()).toEqual(['ended']);
  expect(agent.end()).toBe('powered-off');
  expect(agent.powerOffs[0]).toMatch(/^system-stop: drained: the system is stopping/);
});

test('what a system that stopped has ended is over with it, and nothing else is', async () => {
  const files = createMemoryFiles();
  const first = await start({ files });
  first.systemStop.abort();
  await first.clock.advance(60_000);
  const rebooted = await start({ files, bootId: 'b-2' });
  expect(await rebooted.pilots()).toEqual(['running']);
  await halt(rebooted);
  const again = await start({ files, bootId: 'b-3' });
  expect(again.powerOffs).toEqual(['operator: enough']);
});
