import { gpuSettings } from './htcondor-gpus.ts';
import type { HtcondorRun } from './htcondor-places.ts';
import { placesOf } from './htcondor-places.ts';
import { classAdValue, configurationText, environmentText, literal } from './htcondor-words.ts';

type Settings = (readonly [string, string | number | undefined])[];

const seconds = (ms: number): number => Math.floor(ms / 1000);
const REVISIONS_SECONDS = 240;

/** The name of a startd and its master, unlike that of any other run in the pool. */
const nameOf = ({ unit, vm }: HtcondorRun): string =>
  `pilot-${unit.slot}-${unit.generation}@${vm.name.replace(/[^A-Za-z0-9.-]/g, '-')}`;

/** Users under which payloads run: as many as there can be payloads at once. */
export const payloadUsersOf = (slot: { user: string; cores: number }): string[] =>
  Array.from(
    { length: slot.cores },
    (_, index) => `${slot.user}p${String(index).padStart(2, '0')}`,
  );

/** What the startd advertises of the VM, as glideinWMS and Cloud Scheduler name it, or in our own words. */
const attributesOf = ({ pilots, context, unit, vm }: HtcondorRun): [string, string][] => {
  const { site, endpoint, runningPod, vo, image, instanceType } = context.identity;
  const repositories = context.cvmfs?.repositories;
  const known: Record<string, string | number | boolean | undefined> = {
    GLIDEIN_Site: site,
    VMType: pilots.vmType,
    PilotageSite: site,
    PilotageEndpoint: endpoint,
    PilotageRunningPod: runningPod,
    PilotageVO: vo,
    PilotageImage: image,
    PilotageInstanceType: instanceType,
    PilotageVM: vm.name,
    PilotageSlot: unit.slot,
    CvmfsRepositories: repositories?.join(', '),
    RequiredTags: pilots.requiredTags.length === 0 ? undefined : pilots.requiredTags.join(', '),
    ...pilots.attributes,
  };
  return Object.entries(known).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, classAdValue(value)]],
  );
};

/** Which jobs may start: none that outlives the VM, and only those that bear every required tag. */
const startOf = ({ requiredTags, start }: HtcondorRun['pilots']): string =>
  [
    '(time() < GLIDEIN_ToRetire)',
    ...requiredTags.map(
      tag =>
        `stringListMember(${classAdValue(tag)}, ifThenElse(isString(TARGET.Tags), TARGET.Tags, ""), ", ")`,
    ),
    ...(start === undefined ? [] : [`(${start})`]),
  ].join(' && ');

/** Whom the daemons of this run trust: each other, the machine's administrator, and their pool. */
const trustOf = (run: HtcondorRun): Settings => {
  const { at, slot } = run;
  const { proofs, tokens } = placesOf(run);
  const ours = `root@$(UID_DOMAIN), ${slot.user}@$(UID_DOMAIN), condor@$(UID_DOMAIN)`;
  return [
    ['SEC_DEFAULT_AUTHENTICATION', 'REQUIRED'],
    ['SEC_DEFAULT_ENCRYPTION', 'REQUIRED'],
    ['SEC_DEFAULT_INTEGRITY', 'REQUIRED'],
    ['SEC_DEFAULT_AUTHENTICATION_METHODS', 'FS, IDTOKENS'],
    // A pool on the same machine would otherwise take us for a user of that machine.
    ['SEC_CLIENT_AUTHENTICATION_METHODS', 'IDTOKENS'],
    ['FS_LOCAL_DIR', literal(at(proofs))],
    // The one is read as root, the other as anybody else.
    ['SEC_TOKEN_SYSTEM_DIRECTORY', literal(at(tokens))],
    ['SEC_TOKEN_DIRECTORY', literal(at(tokens))],
    ['ALLOW_READ', `${ours}, submit-side@matchsession`],
    ['ALLOW_DAEMON', ours],
    ['ALLOW_ADMINISTRATOR', ours],
  ];
};

const slotsOf = ({ slot }: HtcondorRun): Settings => [
  ['NUM_CPUS', slot.cores],
  ['MEMORY', slot.memoryMb],
  ['NUM_SLOTS', 1],
  ['NUM_SLOTS_TYPE_1', 1],
  ['SLOT_TYPE_1', '100%'],
  ['SLOT_TYPE_1_PARTITIONABLE', 'True'],
];

/** As root each payload gets a user of its own; else a container, where the context names one. */
const separationOf = ({ pilots, slot, owner, context, environment }: HtcondorRun): Settings => {
  const { mode, apptainer } = pilots;
  if (mode === 'root')
    return [
      ['CONDOR_IDS', owner === undefined ? undefined : `${owner.uid}.${owner.gid}`],
      ['USE_PROCD', 'True'],
      ['STARTER_ALLOW_RUNAS_OWNER', 'False'],
      ['DEDICATED_EXECUTE_ACCOUNT_REGEXP', `${slot.user}p[0-9]+`],
      ...payloadUsersOf(slot).map((user, index) => [`SLOT1_${index + 1}_USER`, user] as const),
    ];
  if (apptainer === undefined) return [];
  const { MACHINEFEATURES, JOBFEATURES } = environment;
  const bound = [
    ...(context.cvmfs === undefined ? [] : ['/cvmfs']),
    ...[MACHINEFEATURES, JOBFEATURES].flatMap(path =>
      path === undefined ? [] : [`${path}:${path}:ro`],
    ),
  ];
  return [
    ['SINGULARITY', apptainer.program],
    ['SINGULARITY_JOB', 'True'],
    ['SINGULARITY_IMAGE_EXPR', classAdValue(apptainer.image)],
    ['SINGULARITY_USE_PID_NAMESPACES', 'True'],
    ['SINGULARITY_BIND_EXPR', classAdValue(bound.join(', '))],
  ];
};

/** What payloads are told of the machine; their sessions bear the mark of the run that they belong to. */
const payloadEnvironment = ({ environment }: HtcondorRun): string => {
  const told = Object.entries(environment).filter(([name]) =>
    /^(?:(?:MACHINE|JOB)FEATURES|(?:https?|no)_proxy|X509_(?:CERT|VOMS)_DIR)$/i.test(name),
  );
  const text = environmentText(Object.fromEntries(told)).slice(1, -1);
  return `"PILOTAGE_UNIT='$ENV(PILOTAGE_UNIT:none)' ${text}"`;
};

/** The configuration of one run's condor_master and condor_startd (HTCondor 23.9). */
export const condorConfiguration = (run: HtcondorRun): string => {
  const { pilots, context, vm, at } = run;
  const places = placesOf(run);
  const { lifetime } = context.policies;
  const attributes = attributesOf(run);
  const published = ['GLIDEIN_ToRetire', 'GLIDEIN_ToDie', ...attributes.map(([name]) => name)];
  const hasCvmfs = context.cvmfs !== undefined;
  return configurationText([
    ['RELEASE_DIR', '/usr'],
    ['LIBEXEC', '/usr/libexec/condor'],
    ['LOCAL_DIR', literal(at(places.local))],
    ['LOG', literal(at(places.log))],
    ['SPOOL', literal(at(places.spool))],
    ['EXECUTE', literal(at(places.execute))],
    ['LOCK', literal(at(places.lock))],
    ['RUN', literal(at(places.lock))],
    ['LOCAL_CONFIG_FILE', literal(at(places.later))],
    ['REQUIRE_LOCAL_CONFIG_FILE', 'False'],
    ['STARTD_ADDRESS_FILE', literal(at(places.startdAddress))],
    ['MASTER_ADDRESS_FILE', literal(at(places.masterAddress))],
    ['DAEMON_LIST', 'MASTER, STARTD'],
    ['MASTER_NAME', nameOf(run)],
    ['STARTD_NAME', nameOf(run)],
    ['UID_DOMAIN', nameOf(run).replace(/^.*@/, '')],
    ['COLLECTOR_HOST', pilots.collectors.join(', ')],
    ['CCB_ADDRESS', pilots.ccb ? '$(COLLECTOR_HOST)' : undefined],
    ['NETWORK_INTERFACE', pilots.networkInterface],
    ['USE_SHARED_PORT', 'True'],
    ['SHARED_PORT_PORT', 0],
    ...trustOf(run),
    ...slotsOf(run),
    ...gpuSettings(run),
    ...separationOf(run),
    // Said by the environment where the unit is condor's to divide; else it makes none.
    ['BASE_CGROUP', ''],
    ['ENABLE_KERNEL_TUNING', 'False'],
    ['RUNBENCHMARKS', 'False'],
    ['STARTER_JOB_ENVIRONMENT', payloadEnvironment(run)],
    ['GLIDEIN_ToDie', vm.endsAtS],
    ['GLIDEIN_ToRetire', vm.endsAtS - seconds(pilots.maxJobTime ?? lifetime.payload)],
    ...attributes,
    ['STARTD_ATTRS', published.join(', ')],
    ['START', startOf(pilots)],
    // Undefined it would count as 0, and a drain would evict every job at once.
    ['MaxJobRetirementTime', seconds(pilots.maxJobTime ?? lifetime.max)],
    // Its default of ten minutes outlives the notice that a cloud gives.
    ['MachineMaxVacateTime', seconds(pilots.vacate)],
    // Zero: never.
    ['STARTD_NOCLAIM_SHUTDOWN', pilots.idleEnd === false ? 0 : seconds(pilots.idleEnd)],
    // A drained startd is gone for good, but its master would stay. At first there is no startd yet.
    ['MASTER.DAEMON_SHUTDOWN', '(STARTD_StartTime =?= 0) && (time() - DaemonStartTime > 120)'],
    ['STARTD_CRON_JOBLIST', hasCvmfs ? 'CVMFS' : ''],
    ['STARTD_CRON_CVMFS_EXECUTABLE', hasCvmfs ? literal(at(places.cvmfsRevisions)) : undefined],
    ['STARTD_CRON_CVMFS_PERIOD', hasCvmfs ? `${REVISIONS_SECONDS}s` : undefined],
    ...Object.entries(pilots.settings).map(([name, value]) => [name, String(value)] as const),
  ]);
};

/** Tells the startd which repositories are mounted, and of which revision, as a startd cron job does. */
export const cvmfsRevisionsScript = (repositories: readonly string[]): string => `#!/bin/sh
for repository in ${repositories.join(' ')}; do
  name=$(echo "$repository" | tr .- __)
  if timeout 30 test -d "/cvmfs/$repository/."; then
    echo "HAS_CVMFS_$name = true"
    revision=$(timeout 30 getfattr --only-values -n user.revision "/cvmfs/$repository" 2>/dev/null)
    case $revision in
      '' | *[!0-9]*) ;;
      *) echo "CVMFS_\${name}_REVISION = $revision" ;;
    esac
  else
    echo "HAS_CVMFS_$name = false"
  fi
done
echo -
`;
