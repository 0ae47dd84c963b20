import { dirname } from 'node:path';
import { isPilotageError } from '../../../platform/errors.ts';
import type { Exec } from '../../../platform/exec.ts';
import type { Files } from '../../../platform/files.ts';
import { PATHS } from '../../paths.ts';
import { readCpu, readTasks } from './group-readings.ts';
import { createPrepareRun, pilotFiles, sightExits, withExits } from './pilot-files.ts';
import { seclusionOf, type UnitProperty } from './seclusion.ts';
import { makeTmpFolder } from './tmp-folder.ts';
import {
  type PilotUnits,
  parseUnitId,
  type UnitName,
  type UnitSighting,
  type UnitSpec,
  unitId,
} from './unit.ts';

const SLICE = 'pilotage-pilots.slice';
/** A slice's dashes are levels of the tree. */
const SLICE_CGROUP = `/sys/fs/cgroup/pilotage.slice/${SLICE}`;
const PREFIX = 'pilotage-pilot-';
const SYSTEMD_TIMEOUT_MS = 60_000;
const STOP_SECONDS = 60;
/** What is started before it is stopped after it: when the system stops, the agent ends its pilots first. */
const AGENT_UNIT = 'pilotage-agent.service';

const serviceName = (unit: UnitName): string => `${PREFIX}${unitId(unit)}.service`;

/** systemd puts variables into arguments; `$$` is how a dollar gets through. */
const escapeDollar = (text: string): string => text.replaceAll('$', '$$$$');

/**
 * The end of a run is recorded by systemd itself, as root: an agent that is dead at that moment finds
 * the record later. It stands in a drop-in for all pilots, since systemd 252 forgets a transient unit's
 * own ExecStopPost=+ at a daemon-reload. systemd hands the variables to sh, and puts the unit's name for
 * `%N`.
 */
const RECORD_EXIT = {
  path: `/run/systemd/system/${PREFIX}.service.d/50-record-exit.conf`,
  content: `# Written by pilotage-agent.
[Service]
ExecStopPost=+/bin/sh -c 'unit=%N; record=${PATHS.exits}/$\${unit#${PREFIX}}; echo "$$SERVICE_RESULT $$EXIT_CODE $$EXIT_STATUS" >$$record.new && mv $$record.new $$record'
`,
};

const ensureRecordExit = async (files: Files): Promise<void> => {
  const { path, content } = RECORD_EXIT;
  if ((await files.read(path, 4096)) === content) return;
  await files.makeDirectory(dirname(path), { mode: 0o755 });
  await files.write(path, content, { mode: 0o644 });
};

/** Beside what `closed` leaves open: what containers without privileges need. */
const CONTAINER_DEVICES = ['/dev/fuse', '/dev/net/tun', '/dev/loop-control', 'block-loop'];

/** A device that there is not, as where a driver is not loaded, is no error to systemd. */
const devicesOf = ({ devices }: UnitSpec): UnitProperty[] =>
  devices === undefined
    ? []
    : [
        ['DevicePolicy', 'closed'],
        ...[...CONTAINER_DEVICES, ...devices].map(
          (device): UnitProperty => ['DeviceAllow', `${device} rw`],
        ),
      ];

/** A pilot of more cores gets more where cores or disks are short; the bounds are systemd's. */
const weightOf = (cores: number): string => String(Math.max(1, Math.min(10_000, cores * 100)));

const limitsOf = ({ limits: { cores, memoryMb, tasks, swapMb } }: UnitSpec): UnitProperty[] => [
  ['CPUQuota', `${cores * 100}%`],
  ['CPUWeight', weightOf(cores)],
  ['IOWeight', weightOf(cores)],
  ['MemoryHigh', `${Math.floor(memoryMb * 0.95)}M`],
  ['MemoryMax', `${memoryMb}M`],
  ...(swapMb === undefined ? [] : [['MemorySwapMax', `${swapMb}M`] as const]),
  ['TasksMax', String(tasks)],
  // Where all memory of the machine is short, it is a pilot's that goes.
  ['OOMScoreAdjust', '300'],
  ['OOMPolicy', 'continue'],
];

/** A transient service (systemd.service(5), systemd.resource-control(5)) in the slice of all pilots. */
export const systemdRunArguments = (spec: UnitSpec): string[] => {
  const files = pilotFiles(spec);
  const properties: UnitProperty[] = [
    ['Type', 'exec'],
    ['Slice', SLICE],
    ['Before', AGENT_UNIT],
    ['User', spec.user],
    ['WorkingDirectory', spec.workingFolder],
    ['StandardOutput', `append:${files.stdout}`],
    ['StandardError', `append:${files.stderr}`],
    ['KillMode', 'control-group'],
    ['TimeoutStopSec', String(STOP_SECONDS)],
    ...limitsOf(spec),
    ...devicesOf(spec),
    ...seclusionOf(spec),
  ];
  return [
    '--quiet',
    '--collect',
    `--unit=${serviceName(spec)}`,
    `--description=Pilot of slot ${spec.slot}, generation ${spec.generation}`,
    ...properties.flatMap(([name, value]) => ['--property', `${name}=${value}`]),
    ...Object.entries(spec.environment).map(([name, value]) => `--setenv=${name}=${value}`),
    '--',
    ...spec.command.map(escapeDollar),
  ];
};

/**
 * Units that have not ended are the groups of the slice: seen without starting a process. A group that
 * is empty belongs to a unit of which systemd is just writing down the end.
 */
const sightRunning = async (files: Files): Promise<UnitSighting[]> => {
  const running: UnitSighting[] = [];
  for (const name of await files.list(SLICE_CGROUP)) {
    const unit = name.startsWith(PREFIX)
      ? parseUnitId(name.slice(PREFIX.length).replace(/\.service$/, ''))
      : undefined;
    if (unit === undefined) continue;
    const cpuMs = readCpu(files, `${SLICE_CGROUP}/${name}`);
    const tasks = readTasks(files, `${SLICE_CGROUP}/${name}`);
    running.push({ ...unit, state: 'running', cpuMs, ...(tasks === undefined ? {} : { tasks }) });
  }
  return running;
};

/** Groups below a unit's own; a container may have made some. */
const GROUPS_DEEP = 8;
const MEMBERS_BYTES = 1024 * 1024;

const readMembers = async (files: Files, group: string, deep = GROUPS_DEEP): Promise<number[]> => {
  const members = [];
  try {
    const text = (await files.read(`${group}/cgroup.procs`, MEMBERS_BYTES)) ?? '';
    members.push(...text.split('\n').filter(Boolean).map(Number));
    if (deep === 0) return members;
    for (const name of await files.list(group)) {
      const path = `${group}/${name}`;
      if ((await files.facts(path))?.kind === 'directory')
        members.push(...(await readMembers(files, path, deep - 1)));
    }
  } catch (error) {
    // A group that goes while it is looked at has no members.
    if (!isPilotageError(error)) throw error;
  }
  return members;
};

export const createSystemdUnits = (
  files: Files,
  exec: Exec,
  prepareRun = createPrepareRun(files),
): PilotUnits => ({
  kind: 'systemd',
  start: async (spec, prepare) => {
    await prepareRun(spec, spec.owner);
    await ensureRecordExit(files);
    await prepare?.();
    if (spec.reach !== undefined) await makeTmpFolder(files, spec.reach.tmp);
    await exec.run('systemd-run', systemdRunArguments(spec), { timeoutMs: SYSTEMD_TIMEOUT_MS });
  },
  sight: async () => {
    // In this order: a unit whose group has gone by now has left its record before.
    const running = await sightRunning(files);
    return withExits(running, await sightExits(files));
  },
  members: unit => readMembers(files, `${SLICE_CGROUP}/${serviceName(unit)}`),
  signal: async (unit, signal, to) => {
    try {
      const args = ['kill', `--kill-whom=${to}`, `--signal=SIG${signal}`, serviceName(unit)];
      await exec.run('systemctl', args, { timeoutMs: SYSTEMD_TIMEOUT_MS });
    } catch (error) {
      const hasEnded = !(await sightRunning(files)).some(
        running => unitId(running) === unitId(unit),
      );
      if (!isPilotageError(error) || !hasEnded) throw error;
    }
  },
});
