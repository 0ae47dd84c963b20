import type { Checks } from '../support/checks.ts';
import { startCondorVm } from './condor-vm.ts';
import type { NamespaceMachine } from './namespace-machine.ts';
import type { Pool } from './pool.ts';
import { tokenCommand } from './readme-recipe.ts';

export interface Bed {
  machine: NamespaceMachine;
  pool: Pool;
  checks: Checks;
}

/** What the show prints. */
export interface Tally {
  completed: number;
  lost: number;
  drainedFinished: number;
  requeued: number;
}

const MINUTE_MS = 60_000;

/** Ten jobs are done; then, in mid-job, the VM drains: what runs ends, nothing else starts. */
export const workAndDrain = async ({ machine, pool, checks }: Bed): Promise<Partial<Tally>> => {
  const vm = await startCondorVm(machine, pool.token, {});
  await pool.submit({ name: 'ten', count: 10, script: 'id -un; env; sleep 1' });
  await vm.until('ten jobs done', 2 * MINUTE_MS, async () =>
    (await pool.count('ten')).completed === 10 ? true : undefined,
  );
  const { completed } = await pool.count('ten');
  const said = await machine.run('cat /jobs/ten.*.out');
  checks.check('ten jobs are done by a pilot that joined with an IDTOKEN', completed === 10);
  checks.check(
    'each payload had a user of its own, and Machine/Job Features',
    /^plt00p0\d$/m.test(said) && /^JOBFEATURES=\/run\/pilotage\/jobfeatures\/00$/m.test(said),
    said.slice(0, 500),
  );
  const modes = await machine.run('stat -c "%a %U %n" /run/pilotage/credentials/condor-00/token');
  checks.check("the token is root's alone, in memory", modes.startsWith('600 root '), modes);
  await vm.until('idle again', MINUTE_MS, async () =>
    (await vm.status()).pilots[0]?.activity === 'idle' ? true : undefined,
  );
  const [pilot] = (await vm.status()).pilots;
  checks.check(
    'condor itself told of the jobs',
    pilot?.payloadsStarted === 10,
    JSON.stringify(pilot),
  );

  await vm.order('drain --deadline 30m --reason "kernel update"');
  await vm.until('it is over', MINUTE_MS, async () =>
    (await vm.leftOvers()) === '' ? true : undefined,
  );
  const empty = await vm.untilOver(MINUTE_MS);
  checks.check('an idle pilot that is drained is gone at once', empty.phase === 'halted');
  return { completed, lost: 10 - completed };
};

export const drainInMidJob = async ({ machine, pool, checks }: Bed): Promise<Partial<Tally>> => {
  const vm = await startCondorVm(machine, pool.token, {});
  await pool.submit({ name: 'long', count: 1, script: 'sleep 25' });
  await vm.until('the job runs', MINUTE_MS, async () =>
    (await pool.count('long')).running === 1 ? true : undefined,
  );
  await vm.until('the payload is seen', MINUTE_MS, async () =>
    (await vm.status()).pilots[0]?.activity === 'busy' ? true : undefined,
  );
  await vm.order('drain --deadline 30m --reason "kernel update"');
  await vm.until('draining', MINUTE_MS, async () =>
    (await vm.status()).pilots[0]?.activity === 'draining' ? true : undefined,
  );
  await vm.order('undrain');
  await pool.submit({ name: 'after-undrain', count: 1, script: 'true' });
  await vm.until('a drain that is taken back lets jobs start', MINUTE_MS, async () =>
    (await pool.count('after-undrain')).completed === 1 ? true : undefined,
  );
  checks.check('a drain that is taken back lets jobs start', true);
  await vm.order('drain --deadline 30m --reason "kernel update"');
  await vm.until('draining again', MINUTE_MS, async () =>
    (await vm.status()).pilots[0]?.activity === 'draining' ? true : undefined,
  );
  await pool.submit({ name: 'late', count: 1, script: 'true' });
  const last = await vm.untilOver(2 * MINUTE_MS);
  const long = await pool.count('long');
  const late = await pool.count('late');
  const isFinished = long.completed === 1 && long.evicted === 0;
  checks.check(
    'the job that ran when the drain came has finished',
    isFinished,
    JSON.stringify(long),
  );
  checks.check(
    'no other has started',
    late.idle === 1 && late.completed === 0,
    JSON.stringify(late),
  );
  checks.check('the pilot has ended, its master too', (await vm.leftOvers()) === '');
  checks.check('and the VM with it', last.phase === 'halted', JSON.stringify(last.pilots));
  await pool.removeAll();
  return { drainedFinished: isFinished ? 1 : 0 };
};

/** Little time is left: jobs are told to go, and are in the queue again. */
export const preempt = async ({ machine, pool, checks }: Bed): Promise<Partial<Tally>> => {
  const vm = await startCondorVm(machine, pool.token, { vacate: '10s' });
  const script = 'trap "" TERM\nfor i in $(seq 600); do sleep 1; done';
  await pool.submit({ name: 'stubborn', count: 1, script });
  await vm.until('the job runs', MINUTE_MS, async () =>
    (await pool.count('stubborn')).running === 1 ? true : undefined,
  );
  const startedMs = performance.now();
  await vm.order('drain --deadline 20s --reason "spot notice"');
  const last = await vm.untilOver(MINUTE_MS);
  const tookMs = performance.now() - startedMs;
  const { evicted, idle, completed } = await pool.count('stubborn');
  const isRequeued = evicted === 1 && idle === 1 && completed === 0;
  checks.check(
    'a job that will not go is back in the queue when the deadline has passed',
    isRequeued,
    JSON.stringify({ evicted, idle, completed }),
  );
  if (!isRequeued) console.log(await vm.lastWords());
  checks.check('before it', tookMs < 20_000, `${Math.round(tookMs)} ms`);
  checks.check('nothing of the pilot is left', (await vm.leftOvers()) === '');
  checks.check('the VM has ended', last.phase === 'halted');
  await pool.removeAll();
  return { requeued: isRequeued ? 1 : 0 };
};

/** A pilot for tagged jobs leaves the others alone. */
export const requireTags = async ({ machine, pool, checks }: Bed): Promise<void> => {
  const vm = await startCondorVm(machine, pool.token, { requiredTags: ['gold'] });
  await pool.submit({ name: 'untagged', count: 1, script: 'true' });
  await pool.submit({ name: 'tagged', count: 1, script: 'true', tags: 'silver, gold' });
  await vm.until('the tagged job is done', MINUTE_MS, async () =>
    (await pool.count('tagged')).completed === 1 ? true : undefined,
  );
  // Two negotiations more, in which it could have been matched.
  await machine.run('sleep 5');
  const { idle, completed } = await pool.count('untagged');
  checks.check('a tagged job is done', true);
  checks.check('an untagged one stays idle', idle === 1 && completed === 0);
  await vm.order('halt --reason done');
  const last = await vm.untilOver(MINUTE_MS);
  checks.check('a halt ends it', last.phase === 'halted' && (await vm.leftOvers()) === '');
  await pool.removeAll();
};

/**
 * The token of another pool: the pilot says that it cannot join, and why it ended. One that has expired
 * does not come so far, since the checks of the node find that.
 */
export const refuseToken = async ({ machine, pool, checks }: Bed): Promise<void> => {
  const token = await pool.mint(`_CONDOR_TRUST_DOMAIN=other.test ${tokenCommand('other.test')}`);
  const pilots = { idleEnd: '5s', backoff: { first: '1h' } };
  const vm = await startCondorVm(machine, token, pilots, 'joining');
  const said = await vm.until('it is told why', MINUTE_MS, async () => {
    const [pilot] = (await vm.status()).pilots;
    return pilot?.activity === 'joining' ? pilot.said : undefined;
  });
  checks.check(
    'with the token of another pool it is joining, and says why not',
    /refuses it: .*IDTOKENS.*another trust domain/.test(said),
    said,
  );
  const last = await vm.until('its end', MINUTE_MS, async () => {
    const [pilot] = (await vm.status()).pilots;
    return pilot?.lastExit;
  });
  checks.check('its end tells of it', /the pilot or its service .*refuses it/.test(last), last);
  await vm.order('halt --now --reason done');
  await vm.untilOver(MINUTE_MS);
};

/** A root of busybox alone, as an image unpacked in a folder; condor has `apptainer test` try it first. */
const IMAGE = '/srv/image';
const MAKE_IMAGE = `
mkdir -p ${IMAGE}/{bin,dev,etc,home,proc,root,srv,sys,tmp,usr,var/tmp,.singularity.d/actions}
cp /bin/busybox ${IMAGE}/bin
for name in sh id ps ls cat sleep; do ln -sf busybox ${IMAGE}/bin/$name; done
touch ${IMAGE}/etc/{passwd,group} ${IMAGE}/in-the-image
printf '#!/bin/sh\nexit 0\n' >${IMAGE}/.singularity.d/actions/test
chmod 755 ${IMAGE}/.singularity.d/actions/test`;
const LOOK =
  'id -u; echo "cores $(cat "$JOBFEATURES/allocated_cpu")"; ls /; ps -o pid,args; cat /run/pilotage/credentials/*/*; sleep 1';

/** Without root in the pilot's unit: payloads are in containers with process ids of their own. */
export const workUnprivileged = async ({ machine, pool, checks }: Bed): Promise<void> => {
  await machine.run(MAKE_IMAGE);
  const vm = await startCondorVm(machine, pool.token, {
    ...{ mode: 'unprivileged', apptainer: { image: IMAGE }, idleEnd: '15s' },
  });
  await pool.submit({ name: 'contained', count: 2, script: LOOK });
  await vm.until('its jobs are done', MINUTE_MS, async () =>
    (await pool.count('contained')).completed === 2 ? true : undefined,
  );
  const said = await machine.run('cat /jobs/contained.*.out');
  const uid = (await machine.run('id -u plt00')).trim();
  checks.check('unprivileged: jobs run as the slot', said.startsWith(`${uid}\n`), said);
  checks.check('they have the Job Features', /^cores \d+$/m.test(said), said);
  checks.check('in the image', /^in-the-image$/m.test(said), said);
  checks.check('which shows none of the pilot', !/condor_|pilotage-agent|eyJ/.test(said), said);
  const generation = await vm.until('its idle end', MINUTE_MS, async () => {
    const [pilot] = (await vm.status()).pilots;
    return pilot !== undefined && pilot.generation > 1 ? pilot : undefined;
  });
  checks.check(
    'an idle end after work is followed by a new pilot',
    generation.lastExit === 'exit 0',
    JSON.stringify(generation),
  );
  await vm.order('halt --reason done');
  await vm.untilOver(MINUTE_MS);
};
