import { stringify } from 'yaml';
import { recipeFor } from '../../../htcondor/readme-recipe.ts';
import type { HostReceiver } from '../../host-receiver.ts';
import { contextFile, receiverFile } from '../../user-data.ts';
import { POOL_ADDRESS } from './pool-host.ts';

export const REVISION = 4711;
export const REPOSITORY = 'vo.example.org';
/** Tasks that all of a slot may have: condor's own, and less than a job wants that forks without end. */
export const TASKS = 200;

/** A VM for a pool: its token, and what a site says of it. */
export const condorUserData = (receiver: HostReceiver, token: string, pilots: object): string => {
  const recipe = recipeFor(`${POOL_ADDRESS}:9618`, token);
  const site = contextFile('50-site.yaml', {
    ...recipe,
    identity: { site: 'TEST-BED', runningPod: 'pod-7' },
    cvmfs: { repositories: [REPOSITORY], proxies: 'DIRECT', quotaMb: 1000 },
    // What is not here is another scenario's.
    checks: { skip: ['squid', 'dns'] },
    pilots: {
      ...recipe.pilots,
      vmType: 'qemu',
      tasksPerSlot: TASKS,
      settings: { UPDATE_INTERVAL: 10 },
      ...pilots,
    },
    ending: { drainDeadline: '20m', killGrace: '30s' },
    monitor: { tick: '2s' },
  });
  // As a mounted repository tells its revision; the client's stand-in takes it along.
  const bootcmd = [
    ['setfattr', '-n', 'user.revision', '-v', String(REVISION), `/srv/cvmfs/${REPOSITORY}`],
  ];
  // There is no name server: condor would wait a minute for its own name, in every daemon.
  const manage_etc_hosts = true;
  const write_files = [receiverFile(receiver), site];
  return `#cloud-config\n${stringify({ manage_etc_hosts, bootcmd, write_files })}`;
};
