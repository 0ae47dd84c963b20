import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readStatus } from '../../../agent/monitor/status.ts';
import { createFiles } from '../../../platform/files.ts';
import {
  ARGS,
  b64,
  EXTRA_ARGS,
  ini,
  PROXY,
  packedProxy,
  TOKEN,
} from '../../fixtures/context/glideinwms-samples.ts';
import { startAgent } from '../../support/folder-vm.ts';
import { serveGlidein } from '../../support/glidein.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { createEc2Metadata } from '../../support/metadata/ec2-metadata.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { AGENT, createBed, QUICK } from './agent-bed.ts';
import {
  createGlideinBed,
  HOME,
  job,
  play,
  seenIn,
  untilPilot,
  value,
  wordAfter,
} from './glidein-bed.ts';

describe('a glidein', () => {
  test("begins on a VM that has a factory's user-data and nothing else", async () => {
    const { folder, environment } = await createBed();
    const { origin } = await startLoopbackServer(serveGlidein(() => 'script'));
    const root = join(folder, 'vm');
    const put = (path: string, text: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    put('sys/class/dmi/id/bios_vendor', 'Amazon EC2\n');
    // Of the image: it looks oftener, and marks what it starts.
    put(
      'usr/lib/pilotage/context.d/10-test.yaml',
      stringify({ version: 1, ...QUICK, pilots: { environment } }),
    );
    const metadata = ini(43_200).replace(/^webbase=.*$/m, `webbase = ${origin}/stage/`);
    const userData = `glideinwms_metadata=${b64(metadata)}#### ${EXTRA_ARGS}####${TOKEN}####glidein_credentials=${packedProxy()}`;
    const ec2 = await startLoopbackServer(
      createEc2Metadata({ metaData: { 'instance-id': 'i-0a' }, userData }).listener,
    );
    const agent = await startAgent(AGENT, root, {
      ...environment,
      PILOTAGE_METADATA_URL: ec2.origin,
    });
    const files = createFiles(root, false);
    await pollUntil('a job', { timeoutMs: 40_000 }, async () => {
      const [pilot] = (await readStatus(files))?.pilots ?? [];
      if (pilot?.state === 'running' && existsSync(join(root, HOME))) job({ root }, 1).queue();
      return pilot?.activity === 'busy' ? pilot : undefined;
    }).catch((error: unknown) => {
      throw new Error(`the agent's last words:\n${agent.tail(20)}`, { cause: error });
    });
    const { args, rest } = seenIn(root);
    expect(args.slice(0, 40)).toEqual(`${ARGS} ${EXTRA_ARGS}`.split(' ').slice(0, 40));
    expect(Number(wordAfter(args, '-param_GLIDEIN_Max_Walltime'))).toBeGreaterThan(43_000);
    expect(Number(wordAfter(args, '-param_GLIDEIN_Max_Walltime'))).toBeLessThanOrEqual(43_200);
    expect(rest).toMatchObject({ tokens: `1 ${TOKEN}`, 'token-mode': '600', 'proxy-mode': '600' });
    expect(PROXY.startsWith(rest.proxy ?? '-')).toBe(true);
  });

  test('finishes its job in a drain, starts no other, and ends', async () => {
    const { start, drain } = await createGlideinBed();
    const vm = await start({});
    await untilPilot(vm, { activity: 'idle', payloads: value(0), payloadsStarted: 0 });
    const { args, rest } = seenIn(vm.root);
    expect(wordAfter(args, '-param_GLIDEIN_CPUS')).toBe(
      String((await vm.status())?.pilots[0]?.cores),
    );
    expect(wordAfter(args, '-param_GLIDEIN_Graceful_Shutdown')).toBe('2');
    expect(rest).toEqual({
      ...{ tokens: '1 a token', 'token-mode': '600', proxy: 'a proxy', 'proxy-mode': '600' },
      machine: expect.stringMatching(/^grace_secs (?:.* )?total_cpu$/),
      job: expect.not.stringContaining('shutdowntime_job'),
    });
    job(vm, 1).queue();
    await untilPilot(vm, { activity: 'busy', payloads: value(1), payloadsStarted: 1 });
    await drain();
    await untilPilot(vm, { activity: 'draining', payloads: value(1) });
    job(vm, 2).queue();
    job(vm, 1).end();
    expect(await vm.until('power-off', vm.poweredOff)).toBe('receiver: drained: kernel update');
    expect(await vm.until('one job', () => existsSync(join(vm.root, HOME, 'job-2')))).toBe(true);
    expect(job(vm, 1).isSaved()).toBe(false);
  });

  test('goes on where a drain is taken back', async () => {
    const { start, drain } = await createGlideinBed();
    const vm = await start({});
    await untilPilot(vm, { activity: 'idle' });
    job(vm, 1).queue();
    await untilPilot(vm, { activity: 'busy' });
    await drain();
    await untilPilot(vm, { activity: 'draining' });
    const [node, main] = AGENT;
    execFileSync(node, [main, 'undrain', '--root', vm.root]);
    await untilPilot(vm, { activity: 'busy' });
    job(vm, 1).end();
    job(vm, 2).queue();
    await untilPilot(vm, { activity: 'busy', payloads: value(1), payloadsStarted: 2 });
  });

  test('lets its job save its work before a deadline, and tells its result', async () => {
    const { start, drain } = await createGlideinBed();
    const vm = await start({}, { ending: { ...QUICK.ending, drainDeadline: '18s' } });
    await untilPilot(vm, { activity: 'idle' });
    job(vm, 1).queue();
    await untilPilot(vm, { activity: 'busy' });
    await drain();
    expect(await vm.until('power-off', vm.poweredOff)).toBe('receiver: drained: kernel update');
    expect(job(vm, 1).isSaved()).toBe(true);
    expect(await vm.pilotOutput()).toContain('Total number of activations/claims: 1');
    expect(await vm.pilotOutput()).toContain('<status>OK</status>');
  });

  test('whose job will not go is ended all the same', async () => {
    const { start } = await createGlideinBed();
    const vm = await start(play('stubborn'));
    await untilPilot(vm, { activity: 'idle' });
    job(vm, 1).queue();
    await untilPilot(vm, { activity: 'busy' });
    const [node, main] = AGENT;
    execFileSync(node, [main, 'halt', '--root', vm.root]);
    expect(await vm.until('power-off', vm.poweredOff)).toContain('operator');
  });

  test('that somebody else ends leaves no condor behind', async () => {
    const { start, environment } = await createGlideinBed();
    // Its master waits for a job that will not go, and its folder has gone.
    const vm = await start({ ...play('stubborn'), restart: 'never' });
    await untilPilot(vm, { activity: 'idle' });
    job(vm, 1).queue();
    await untilPilot(vm, { activity: 'busy' });
    const pid = Number(readFileSync(join(vm.root, 'run/pilotage/pilots/00-1/pid'), 'utf8'));
    const [[name = '', mark = '']] = Object.entries(environment) as [[string, string]];
    const running = (): string[] =>
      readdirSync('/proc').filter(entry => {
        try {
          return (
            /^\d+$/.test(entry) &&
            readFileSync(`/proc/${entry}/environ`, 'utf8').includes(`${name}=${mark}`) &&
            /^condor_/.test(readFileSync(`/proc/${entry}/comm`, 'utf8'))
          );
        } catch {
          return false;
        }
      });
    expect(running().length).toBeGreaterThanOrEqual(2);
    process.kill(pid, 'SIGTERM');
    await untilPilot(vm, { state: 'ended' });
    expect(running()).toEqual([]);
  });

  test('that found no job rests, and its next run leaves nothing of the first', async () => {
    const { start } = await createGlideinBed();
    const vm = await start({ ...play('idle'), backoff: { first: '500ms', most: '500ms' } });
    await untilPilot(vm, { lastOutcome: 'nothing-to-do', lastExit: 'exit 0: no more work' });
    await untilPilot(vm, { generation: 2, state: 'running' });
    await vm.until('its own folder alone', () => {
      const folders = readdirSync(join(vm.root, HOME)).filter(name => name.startsWith('glidein-'));
      return folders.length === 1 && folders[0] !== 'glidein-1' ? true : undefined;
    });
  });

  test('that had a job has done its work', async () => {
    const { start } = await createGlideinBed();
    const vm = await start({ ...play('short'), restart: 'never' });
    await untilPilot(vm, { activity: 'idle' });
    job(vm, 1).queue();
    await untilPilot(vm, { activity: 'busy' });
    job(vm, 1).end();
    await untilPilot(vm, { state: 'ended', lastOutcome: 'work-done', lastExit: 'exit 0' });
  });

  test('is not begun where too little time is left', async () => {
    const { start } = await createGlideinBed();
    const lifetime = { max: '18m', payload: '1m', spread: '0s' };
    const vm = await start({ restart: 'never' }, { policies: { lifetime } });
    await untilPilot(vm, { state: 'ended', lastOutcome: 'nothing-to-do' });
    expect(existsSync(join(vm.root, HOME, 'seen'))).toBe(false);
  });
});
