import { expect, test } from 'vitest';
import { createPilotHands } from '../../../../agent/monitor/pilot-hands.ts';
import { createExec } from '../../../../platform/exec.ts';
import { createLightHttp } from '../../../../platform/light-http.ts';
import { createLog } from '../../../../platform/log.ts';
import { createLeapingClock } from '../../../support/leaping-clock.ts';
import { startLoopbackServer } from '../../../support/loopback-server.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { runOf } from '../pilot/kinds/runs.ts';

const RUN = runOf('command', { command: ['/bin/true'] });

const createHands = () => {
  const files = createMemoryFiles();
  const hands = createPilotHands(
    {
      ...{ files, exec: createExec(), http: createLightHttp, clock: createLeapingClock() },
      log: createLog('silent', () => undefined),
    },
    false,
  );
  return { files, hands };
};

const download = (url: string) => ({
  ...{ path: '/scratch/pilot.sh', mode: 0o700, owner: 'pilot' as const },
  content: { download: { url, timeoutMs: 5000, maxBytes: 100, begins: '#!' } },
});

test('what a launch downloads is written with its mode, and not asked for again', async () => {
  let requests = 0;
  const { origin } = await startLoopbackServer((_, response) => {
    requests += 1;
    response.end('#!/bin/sh\n');
  });
  const { files, hands } = createHands();
  const launchFiles = [
    { path: '/scratch', mode: 0o700, owner: 'pilot' as const },
    download(origin),
  ];
  await hands.prepare(RUN, launchFiles);
  expect(await files.read('/scratch/pilot.sh', 100)).toBe('#!/bin/sh\n');
  expect(await files.facts('/scratch/pilot.sh')).toMatchObject({ mode: 0o700 });
  await hands.follow(RUN, launchFiles);
  expect(requests).toBe(1);
});

test('what is not what it should be is not written', async () => {
  const { origin } = await startLoopbackServer((_, response) => response.end('<html>'));
  const { files, hands } = createHands();
  await files.makeDirectory('/scratch', { mode: 0o700 });
  await expect(hands.prepare(RUN, [download(origin)])).rejects.toMatchObject({
    code: 'reply-invalid',
  });
  expect(await files.list('/scratch')).toEqual([]);
});
