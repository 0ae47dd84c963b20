import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { AGENT, type BedVm, createBed } from './agent-bed.ts';

const SAMPLE = resolve(import.meta.dirname, '../../../cloud-init/samples/atlas.yaml');
const ADAPTER = '/usr/local/libexec/panda-pilot';

interface Sample {
  write_files: { path: string; content: string }[];
}
const sampleFile = (path: string): string => {
  const { write_files } = parse(readFileSync(SAMPLE, 'utf8')) as Sample;
  const found = write_files.find(file => file.path === path);
  if (found === undefined) throw new Error(`the sample writes no ${path}`);
  return found.content;
};
const { pilots } = parse(sampleFile('/etc/pilotage/context.d/50-atlas.yaml')) as {
  pilots: { command: string[] };
};

/**
 * Behaves as runpilot2-wrapper.sh (20240307a and later) and the pilot in it document: what they print, and
 * the exit codes. A job begins when `$HOME/job-1` appears, and ends when that file has gone.
 */
const WRAPPER = `#!/bin/bash
log() { echo "2026-01-01 10:00:00,000 [wrapper] $*"; }
pilot() { echo "2026-01-01 10:00:00,000 | INFO     | pilot.control.job | retrieve | $*"; }
sortie() { log '==== wrapper stdout END ===='; exit "$1"; }
printf '%s\\n' "$@" >"$HOME/arguments"
cat "$X509_USER_PROXY" >"$HOME/proxy"
log '==== wrapper stdout BEGIN ===='
case $PLAY in
  cvmfs) log 'FATAL: Failed to find atlas software repository'; sortie 64 ;;
esac
trap 'log "WARNING: trap caught signal:15, signalling pilot PID: 1"; sortie 1' TERM
log '==== pilot stdout BEGIN ===='
ended() {
  log '==== pilot stdout END ===='
  log "Pilot exit status: $1"
}
case $PLAY in
  none)
    pilot 'did not get a job -- max number of job request failures reached: 1'
    ended 82
    log 'File not found: /tmp/atlas_x/pilot3/pandaIDs.out, no payload'
    log 'WARNING: pilot exitcode=82, no payload'
    sortie 0 ;;
  proxy) ended 80; log 'File not found: /tmp/atlas_x/pilot3/pandaIDs.out, no payload'; sortie 80 ;;
  stuck) pilot 'received job: 6001 (sleep until the job has finished)'; ended 130; log 'pandaids: 6001'; sortie 2 ;;
esac
while [ ! -e "$HOME/job-1" ]; do sleep 0.05; done
pilot 'received job: 6001 (sleep until the job has finished)'
while [ -e "$HOME/job-1" ]; do sleep 0.05; done
pilot 'job 6001 has completed (purged errors)'
while [ -e "$HOME/more" ]; do sleep 0.05; done
ended 0
log 'pandaids: 6001'
sortie 0
`;

const HOME = 'scratch/plt00';
const touch = (vm: BedVm, name: string): void => writeFileSync(join(vm.root, HOME, name), '');
const remove = (vm: BedVm, name: string): void => rmSync(join(vm.root, HOME, name));

/** A VM of the sample, in which the wrapper is another. */
const startPanda = async (play: string): Promise<BedVm> => {
  const { folder, start } = await createBed();
  const at = (path: string): string => join(folder, 'vm', path);
  const [adapter, wrapper = '', ...rest] = pilots.command;
  expect(adapter).toBe(ADAPTER);
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text, { mode: 0o755 });
  };
  put(ADAPTER, sampleFile(ADAPTER));
  put(wrapper, WRAPPER.replace('#!/bin/bash\n', `#!/bin/bash\nPLAY=${play}\n`));
  return start({
    credentials: [{ name: 'proxy', content: 'a proxy', variable: 'X509_USER_PROXY' }],
    pilots: {
      ...pilots,
      command: [at(ADAPTER), at(wrapper), ...rest],
      backoff: { minimumRun: '1ms', first: '1h', most: '1h' },
    },
  });
};

const untilPilot = (vm: BedVm, wanted: object): Promise<unknown> =>
  vm.until(`a pilot with ${JSON.stringify(wanted)}`, async () => {
    const pilot = (await vm.status())?.pilots[0];
    const isLike = Object.entries(wanted).every(
      ([key, value]) => pilot?.[key as keyof typeof pilot] === value,
    );
    return isLike ? pilot : undefined;
  });

describe("PanDA's wrapper, as the sample runs it", () => {
  test('is given site, queue and proxy, and its payload is known', async () => {
    const vm = await startPanda('job');
    await untilPilot(vm, { activity: 'idle' });
    const seen = (name: string) => readFileSync(join(vm.root, HOME, name), 'utf8');
    expect(seen('arguments').split('\n')).toEqual([...pilots.command.slice(2), '']);
    expect(seen('proxy')).toBe('a proxy');
    touch(vm, 'more');
    touch(vm, 'job-1');
    await untilPilot(vm, { activity: 'busy' });
    remove(vm, 'job-1');
    await untilPilot(vm, { activity: 'idle' });
    remove(vm, 'more');
    await untilPilot(vm, { lastExit: 'exit 0', lastOutcome: 'work-done', lastVac: 200 });
  });

  test.each([
    ['none', 'exit 0: no more work', 'nothing-to-do', 'waiting'],
    ['cvmfs', 'exit 64: problem with the environment or the VM', 'bad-node', 'gave-up'],
    ['proxy', 'exit 80: problem with the pilot or its service', 'site-problem', 'waiting'],
    ['stuck', 'exit 2', 'transient', 'waiting'],
  ])('ends by %s as %s: %s, then %s', async (play, lastExit, lastOutcome, state) => {
    const vm = await startPanda(play);
    await untilPilot(vm, { lastExit, lastOutcome, state });
  });

  test('is ended in order, and heard to the last', async () => {
    const vm = await startPanda('job');
    await untilPilot(vm, { activity: 'idle' });
    const [node, main] = AGENT;
    execFileSync(node, [main, 'halt', '--root', vm.root]);
    await vm.until('power-off', vm.poweredOff);
    expect(await vm.pilotOutput()).toMatch(/trap caught signal:15.*\n.*wrapper stdout END ====\n$/);
  });
});
