import { pollUntil } from '../../../support/poll-until.ts';
import type { Bed, Scenario } from '../../bed.ts';
import { CONDOR_SYSTEM } from '../../guest-system.ts';
import { patience, startReceiver } from '../../host-receiver.ts';
import { forwardTo } from '../../user-data.ts';
import { checkFastEnd, checkLimits, checkSeparation, checkUnit } from './contained.ts';
import { condorUserData, REVISION } from './context.ts';
import { type HostPool, startHostPool } from './pool-host.ts';
import { outputOf, untilJobs } from './work.ts';

const NAME = 'htcondor';
const INSTANCE = `i-${NAME}`;
const ADVERTISED = [
  ...['GLIDEIN_Site', 'VMType', 'PilotageVM', 'PilotageRunningPod'],
  ...['HAS_CVMFS_vo_example_org', 'CVMFS_vo_example_org_REVISION', 'MyAddress'],
];

const checkAd = async (bed: Bed, pool: HostPool): Promise<void> => {
  const ad = await pollUntil('the startd is in the pool', patience(900_000), async () => {
    const output = await pool.run(`condor_status -af ${ADVERTISED.join(' ')}`);
    return output.includes(` ${REVISION} `) ? output.trim() : undefined;
  });
  bed.say('the startd is in the pool');
  bed.check(
    'it advertises the VM, and the revision of its repository',
    ad.startsWith(`TEST-BED qemu ${INSTANCE} pod-7 true ${REVISION} <10.0.2.15:`),
    ad,
  );
  bed.check('it has a private address, and a broker in the pool', ad.includes('CCBID='), ad);
};

/** The pilot's whole life where systemd is: jobs, separation, limits, a lost master, a drain, the end. */
export const htcondorVm: Scenario = {
  name: NAME,
  smoke: false,
  system: CONDOR_SYSTEM,
  title: 'HTCondor under systemd: jobs, groups, limits, drain in mid-job, power-off',
  run: async bed => {
    const receiver = await startReceiver(bed);
    const pool = await startHostPool(bed);
    bed.say('the pool is up');
    const vm = await bed.boot({
      name: NAME,
      userData: condorUserData(receiver, pool.token, {}),
      forwards: [forwardTo(receiver), pool.forward],
    });
    await pool.submit({ name: 'ten', count: 10, script: 'id -un; sleep 1' });
    await checkAd(bed, pool);
    const { completed } = await untilJobs(
      pool,
      'ten',
      'are done',
      counts => counts.completed === 10,
    );
    const users = await outputOf(pool, 'ten');
    bed.check(
      'ten jobs are done, by users of their own',
      completed === 10 && users.match(/^plt00p0[01]$/gm)?.length === 10,
      users,
    );
    await checkUnit(bed, vm);
    await checkSeparation(bed, pool);
    const told = await pollUntil('the pilot is idle again', patience(180_000), async () => {
      const [pilot] = (await receiver.show(INSTANCE))?.pilots ?? [];
      return pilot?.activity === 'idle' ? pilot : undefined;
    });
    bed.check(
      'the receiver is told of the jobs',
      told.payloadsStarted === 12,
      JSON.stringify(told),
    );
    await checkLimits(bed, vm, pool);

    await pool.submit({ name: 'long', count: 1, script: 'sleep 90' });
    await untilJobs(pool, 'long', 'runs', ({ running }) => running === 1);
    await checkFastEnd(bed, vm);
    await untilJobs(pool, 'long', 'is back in the queue', ({ idle }) => idle === 1);
    bed.check('its job is back in the queue', true);
    await untilJobs(pool, 'long', 'runs again', ({ running }) => running === 1);
    bed.say('another pilot has it');
    await pollUntil('the payload is seen', patience(180_000), async () => {
      const [pilot] = (await receiver.show(INSTANCE))?.pilots ?? [];
      return pilot?.generation === 2 && pilot.activity === 'busy' ? pilot : undefined;
    });

    await receiver.operate(['drain', INSTANCE, '--reason', 'end of the test']);
    await pollUntil('the pool sees it drain', patience(180_000), async () =>
      (await pool.run('condor_status -af Draining')).includes('true') ? true : undefined,
    );
    await pool.submit({ name: 'late', count: 1, script: 'true' });
    const reason = await vm.waitForExit(600_000);
    bed.check('it powers itself off', reason === 'guest-shutdown', reason);
    const long = await pool.count('long');
    const late = await pool.count('late');
    bed.check('the job that ran has finished', long.completed === 1, JSON.stringify(long));
    bed.check(
      'no other has started',
      late.idle === 1 && late.completed === 0,
      JSON.stringify(late),
    );
    const last = await receiver.show(INSTANCE);
    const exit = last?.pilots[0]?.lastExit;
    bed.check(
      'the pilot ended by itself, its master too',
      last?.state === 'halted' && /^exit (?:0|99)\b/.test(exit ?? ''),
      exit,
    );
  },
};
