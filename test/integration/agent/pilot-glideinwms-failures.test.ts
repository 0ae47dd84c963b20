import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GLIDEIN } from '../../support/glidein.ts';
import { AGENT } from './agent-bed.ts';
import { createGlideinBed, HOME, play, untilPilot } from './glidein-bed.ts';

const WENT_WRONG = 'It went wrong: "&<';
const told = (script: string, failure: string): string => `${script}: ${failure}: ${WENT_WRONG}`;

describe('a glidein that fails', () => {
  test('says why in its result, and that decides what follows', async () => {
    const { start } = await createGlideinBed();
    const backoff = { first: '100ms', most: '100ms', giveUpAfter: 100 };
    const vm = await start({ ...play('asked'), backoff });
    for (const [name, lastOutcome, lastExit] of [
      ['fail:wget:Network', 'transient', `exit 1: ${told('wget', 'Network')}`],
      ['fail:tar:Corruption', 'transient', `exit 1: ${told('tar', 'Corruption')}`],
      ['fail:proxy.sh:VO_Proxy', 'site-problem', `exit 1: ${told('proxy.sh', 'VO_Proxy')}`],
      ['fail:data.sh:VO_Data', 'site-problem', `exit 1: ${told('data.sh', 'VO_Data')}`],
      ['fail:a.sh:Config', 'site-problem', `exit 1: ${told('a.sh', 'Config')}`],
      ['crash', 'transient', `exit 44: ${told('condor_startup.sh', 'Unknown')}`],
      ['usage', 'site-problem', 'exit 1: problem with the pilot or its service'],
      ['fail:x509.sh:WN_Resource', 'bad-node', `exit 1: ${told('x509.sh', 'WN_Resource')}`],
    ] as const) {
      await untilPilot(vm, { state: 'running' });
      writeFileSync(join(vm.root, HOME, 'play'), name);
      await untilPilot(vm, { lastOutcome, lastExit });
    }
    await untilPilot(vm, { state: 'gave-up' });
  });

  test('to come whole is not begun, and is as soon as it does', async () => {
    const { start, serve } = await createGlideinBed();
    serve('none');
    const vm = await start({
      sha256: createHash('sha256').update(GLIDEIN).digest('hex'),
      downloadTime: '1s',
      backoff: { first: '100ms', most: '100ms', giveUpAfter: 1000 },
    });
    for (const [answer, lastOutcome, told] of [
      ['none', 'site-problem', /^start-failed: \S+\/stage\/glidein_startup\.sh answers 404: /],
      [
        'page',
        'site-problem',
        /begins with "<!DOCTYPE html> <title>Log in<\/title>", not with #!: /,
      ],
      ['half', 'transient', /^start-failed: \S+\/stage\/\S+ could not be had: /],
      ['changed', 'site-problem', /has the sha256 [0-9a-f]{64}, not [0-9a-f]{64}: /],
    ] as const) {
      serve(answer);
      await vm.until(`a start that fails for ${answer}`, async () => {
        const [pilot] = (await vm.status())?.pilots ?? [];
        return told.test(pilot?.lastExit ?? '') && pilot?.lastOutcome === lastOutcome
          ? true
          : undefined;
      });
    }
    expect(existsSync(join(vm.root, HOME, 'seen'))).toBe(false);
    serve('script');
    await untilPilot(vm, { activity: 'idle' });
  });

  test('for want of a credential says which', async () => {
    const { start } = await createGlideinBed();
    const vm = await start({ token: 'another', backoff: { first: '10m' } });
    await untilPilot(vm, { state: 'waiting', lastOutcome: 'transient' });
    expect((await vm.status())?.pilots[0]?.lastExit).toMatch(
      /^start-failed: \S+\/another is missing/,
    );
  });
});

test('a halt does not wait for a server that does not answer, and nothing starts afterwards', async () => {
  const { start, serve } = await createGlideinBed();
  serve('nothing');
  const vm = await start({});
  await untilPilot(vm, { state: 'starting' });
  const [node, main] = AGENT;
  execFileSync(node, [main, 'halt', '--root', vm.root]);
  await vm.until('power-off', vm.poweredOff);
  expect(existsSync(join(vm.root, HOME, 'seen'))).toBe(false);
});
