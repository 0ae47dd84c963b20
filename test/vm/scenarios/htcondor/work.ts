import type { JobCounts } from '../../../htcondor/pool.ts';
import { pollUntil } from '../../../support/poll-until.ts';
import type { Bed } from '../../bed.ts';
import { patience } from '../../host-receiver.ts';
import type { HostPool } from './pool-host.ts';

/** Waits until jobs fare as they should; all of it is emulated. */
export const untilJobs = (
  pool: HostPool,
  name: string,
  what: string,
  hold: (counts: JobCounts) => boolean,
  timeoutMs = 600_000,
): Promise<JobCounts> =>
  pollUntil(`${name}: ${what}`, { ...patience(timeoutMs), everyMs: 2000 }, async () => {
    const counts = await pool.count(name);
    return hold(counts) ? counts : undefined;
  });

/** What the jobs of one group wrote. */
export const outputOf = (pool: HostPool, name: string): Promise<string> =>
  pool.run(`cat /jobs/${name}.*.out`);

/** Runs one job to its end; what it wrote. */
export const runJob = async (
  bed: Bed,
  pool: HostPool,
  job: { name: string; script: string },
): Promise<string> => {
  await pool.submit({ ...job, count: 1 });
  await untilJobs(pool, job.name, 'is done', ({ completed }) => completed === 1);
  bed.say(`the job ${job.name} is done`);
  return outputOf(pool, job.name);
};
