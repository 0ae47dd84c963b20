import { pollUntil } from '../../../support/poll-until.ts';
import type { Bed } from '../../bed.ts';
import { patience } from '../../host-receiver.ts';
import type { Machine } from '../../machine.ts';
import { TASKS } from './context.ts';
import type { HostPool } from './pool-host.ts';
import { outputOf, runJob, untilJobs } from './work.ts';

export const serviceOf = (generation: number): string => `pilotage-pilot-00-${generation}.service`;
const groupOf = (generation: number): string =>
  `/sys/fs/cgroup/pilotage.slice/pilotage-pilots.slice/${serviceOf(generation)}`;
const GROUP = groupOf(1);

/** What a payload tries that is not for it; it prints what it could read. */
const CURIOUS = `
for path in /run/pilotage/credentials/condor-00/token /run/pilotage/credentials/plt00/pool.token \
  /etc/pilotage/context.d/50-site.yaml /var/lib/pilotage/state.json /var/lib/pilotage/enrolment.json; do
  cat "$path" >/dev/null 2>&1 && echo "READ $path"
done
for path in /run/pilotage/pilots/00-1/proofs /run/pilotage/credentials/condor-00 \
  /run/pilotage/credentials/plt00 /scratch/plt00/condor/spool; do
  { ls -A "$path" | grep . || touch "$path/mine"; } 2>/dev/null >&2 && echo "ENTERED $path"
done
kill -0 "$(pgrep -xo condor_master)" 2>/dev/null && echo MAY SIGNAL THE MASTER
echo "user $(id -un)"
echo "group $(cat /proc/self/cgroup)"
echo "groups $(id -Gn)"
echo "tmp $(ls -A /tmp | wc -l)"
touch /tmp/left-behind
`;

/** A payload sees of the VM what it is given. */
export const checkSeparation = async (bed: Bed, pool: HostPool): Promise<void> => {
  const said = await runJob(bed, pool, { name: 'curious', script: CURIOUS });
  bed.check('a payload has a user of its own', /^user plt00p0\d$/m.test(said), said);
  bed.check(
    "it reads neither the token nor the agent's files, and cannot touch the pilot",
    !/^(?:READ|ENTERED|MAY)/m.test(said),
    said,
  );
  bed.check(
    "it is in a group of its own inside the pilot's unit",
    new RegExp(`^group 0::.*/${serviceOf(1)}/payloads/condor_`, 'm').test(said),
    said,
  );
  const next = await runJob(bed, pool, { name: 'next', script: CURIOUS });
  bed.check('a /tmp of its own', /^tmp 0$/m.test(said) && /^tmp 0$/m.test(next), next);
};

/** Condor's processes as the kernel holds them. */
export const checkUnit = async (bed: Bed, vm: Machine): Promise<void> => {
  const own = await vm.run(`ps -o comm= -p $(paste -sd, ${GROUP}/condor/cgroup.procs) | sort -u`);
  bed.check(
    "condor is in the pilot's unit",
    /^condor_master$/m.test(own.output) && /^condor_startd$/m.test(own.output),
    own.output,
  );
  const elsewhere = await vm.run(
    // Not the tools that the agent asks with.
    `for pid in $(pgrep '^condor_(master|startd|starter|procd|shared)'); do grep -q '${serviceOf(1)}' /proc/$pid/cgroup || ps -o args= -p $pid; done`,
  );
  bed.check('all of it', elsewhere.output === '', elsewhere.output);
  const main = await vm.run(
    `ps -o comm= -p "$(systemctl show -P MainPID ${serviceOf(1)})"; systemctl is-enabled condor`,
  );
  bed.check(
    "the master is the unit's main process; the system's own condor is off",
    main.output === 'condor_master\nmasked\n',
    main.output,
  );
};

/** What one job takes too much of is its own loss. */
export const checkLimits = async (bed: Bed, vm: Machine, pool: HostPool): Promise<void> => {
  const before = await vm.run(`systemctl show -P MainPID ${serviceOf(1)}`);
  await pool.submit({ name: 'hog', count: 1, script: 'head -c 400M /dev/zero | tail | wc -c' });
  await untilJobs(pool, 'hog', 'is held', ({ held }) => held === 1);
  const reason = await pool.run(`condor_q -all -constraint 'JobStatus == 5' -af HoldReason`);
  bed.check('a job that outgrows its memory is held for it', /memory/i.test(reason), reason);
  await pool.removeAll();

  const forks = `for i in $(seq ${2 * TASKS}); do sleep 20 & done 2>/dev/null; wait`;
  await pool.submit({ name: 'forks', count: 1, script: forks });
  const most = await pollUntil('tasks are refused', patience(120_000), async () => {
    const { output } = await vm.run(
      `sed -n 's/^max //p' ${GROUP}/pids.events; cat ${GROUP}/pids.current`,
    );
    const [refused, current] = output.split('\n').map(Number);
    return refused === 0 ? undefined : current;
  });
  bed.check("a job that forks meets the unit's limit", most <= TASKS, String(most));
  await pool.removeAll();
  const after = await vm.run(`systemctl show -P MainPID ${serviceOf(1)}`);
  bed.check('condor goes on', after.output === before.output, after.output);
  await runJob(bed, pool, { name: 'after', script: 'sleep 0' });
  await pollUntil('nothing of those jobs is left', patience(180_000), async () => {
    const { output } = await vm.run(`cat ${GROUP}/payloads/*/cgroup.procs 2>/dev/null | wc -l`);
    return output.trim() === '0' ? true : undefined;
  });
  bed.check('nothing of those jobs is left', true);
  await outputOf(pool, 'after');
};

/** SIGQUIT to the main process alone, as the agent ends it. */
export const checkFastEnd = async (bed: Bed, vm: Machine): Promise<void> => {
  const { output } = await vm.run(
    `start=$(date +%s); systemctl kill --kill-whom=main -s QUIT ${serviceOf(1)}; while systemctl -q is-active ${serviceOf(1)}; do sleep 0.2; done; echo $(($(date +%s) - start)); pgrep -x condor_startd | wc -l; cat /run/pilotage-exits/00-1`,
    120_000,
  );
  const [took, left, exit = ''] = output.split('\n');
  bed.check(
    'QUIT to the master ends all of it fast',
    Number(took) < 45 && left === '0' && exit.startsWith('success exited 0'),
    output,
  );
};
