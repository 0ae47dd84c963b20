import type { HtcondorPilots } from '../../context/schema/pilot-htcondor.ts';
import type { PilotRun } from './kind.ts';

export type HtcondorRun = PilotRun<HtcondorPilots>;

/** Where the files of one run lie, as paths of the machine. */
export const placesOf = ({ pilots, places, slot }: HtcondorRun) => {
  const { folder, home, scratch, secrets } = places;
  const local = `${home}/condor`;
  return {
    configuration: `${folder}/condor_config`,
    /** Read after the configuration, and anew at each reconfiguration. */
    later: `${folder}/later.conf`,
    /** Where condor and its tools prove to each other who they are. */
    proofs: `${folder}/proofs`,
    lock: `${folder}/lock`,
    /** There while the startd runs, and only then. */
    startdAddress: `${folder}/startd_address`,
    masterAddress: `${folder}/master_address`,
    /** There once the pool was asked whether it takes the token. */
    poolAsked: `${folder}/pool-asked`,
    /** Which GPUs there are. */
    gpus: `${folder}/gpus`,
    cvmfsRevisions: `${folder}/cvmfs-revisions`,
    local,
    log: `${local}/log`,
    spool: `${local}/spool`,
    /** Payloads that have a user of their own must be able to pass through to it. */
    execute: pilots.mode === 'root' ? `${scratch}/${slot.user}.execute` : `${local}/execute`,
    tokens: `${secrets}/condor-${slot.name}`,
    token: `${secrets}/condor-${slot.name}/token`,
    /** The slot user's own copy of the credential, which is kept fresh. */
    tokenSource: `${secrets}/${slot.user}/${pilots.token}`,
  };
};

/** Condor runs each job below a starter; signals to its daemons are orders to them: USR1 removes a job. */
export const isStarter = ({ name }: { name: string }): boolean => name === 'condor_starter';
