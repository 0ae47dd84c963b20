import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../../../platform/errors.ts';
import type { UnitLimits } from './unit.ts';

/**
 * Control groups of version 2 (the kernel's cgroup-v2.rst), written to directly: for machines without
 * systemd, such as containers that were given a part of the tree.
 *
 * Each run has a group with two below: `pilot`, which has the limits, and `leader`, whose one process sees
 * the pilot end and is not hit by what hits it.
 */
export interface CgroupTree {
  /** The folder of the groups of all runs. */
  readonly folder: string;
  /** Limits that this kernel, or whoever made the tree, lets be set. */
  readonly controllers: readonly string[];
}

/** Where the agent itself moves: a group that has groups with limits below it may hold no process. */
const AGENT = 'pilotage-agent';
const PILOTS = 'pilotage-pilots';
const NEEDED = ['memory', 'pids'];
const WANTED = [...NEEDED, 'cpu', 'io'];
const PERIOD_US = 100_000;
const MB = 1024 * 1024;

/** The agent's own group as a folder, from /proc/self/cgroup and /proc/self/mountinfo. */
export const ownGroup = (cgroup: string, mountinfo: string): string | undefined => {
  const path = /^0::(\/.*)$/m.exec(cgroup)?.[1];
  const mount = mountinfo
    .split('\n')
    .map(line => line.split(' '))
    .find(fields => fields[fields.indexOf('-') + 1] === 'cgroup2');
  const [root, folder] = [mount?.[3], mount?.[4]];
  if (path === undefined || root === undefined || folder === undefined) return undefined;
  if (path === root) return folder;
  if (root === '/') return join(folder, path);
  return path.startsWith(`${root}/`) ? join(folder, path.slice(root.length)) : undefined;
};

const wordsOf = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split(/\s+/)
    .filter(word => word !== '');

const makeGroup = (folder: string): void => {
  if (!existsSync(folder)) mkdirSync(folder);
};

const delegate = (folder: string, controllers: readonly string[]): void => {
  for (const controller of controllers)
    writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`);
};

/** Processes that end meanwhile need not move; those of the kernel cannot. */
const moveAll = (from: string, to: string): void => {
  for (const pid of wordsOf(join(from, 'cgroup.procs'))) {
    try {
      writeFileSync(join(to, 'cgroup.procs'), pid);
    } catch (error) {
      if (!['ESRCH', 'EINVAL'].includes(errnoOf(error) ?? '')) throw error;
    }
  }
};

/**
 * Takes the agent's own part of the tree for pilots.
 * @returns why not, where there is none that can be written to or that has the limits that count
 */
export const takeCgroupTree = (): CgroupTree | { problem: string } => {
  const read = (path: string): string => readFileSync(path, 'utf8');
  try {
    const own = ownGroup(read('/proc/self/cgroup'), read('/proc/self/mountinfo'));
    if (own === undefined) return { problem: 'there are no control groups of version 2' };
    const base = own.endsWith(`/${AGENT}`) ? own.slice(0, -AGENT.length - 1) : own;
    const offered = wordsOf(join(base, 'cgroup.controllers'));
    const missing = NEEDED.filter(name => !offered.includes(name));
    if (missing.length > 0) return { problem: `no control of ${missing.join(' and ')}` };
    const controllers = WANTED.filter(name => offered.includes(name));
    makeGroup(join(base, AGENT));
    // The tree's own root has no type, and is free of that rule.
    if (existsSync(join(base, 'cgroup.type'))) moveAll(base, join(base, AGENT));
    delegate(base, controllers);
    const folder = join(base, PILOTS);
    makeGroup(folder);
    delegate(folder, controllers);
    return { folder, controllers };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return { problem: `the control groups cannot be written to (${errno})` };
  }
};

/** What is written into the files of a run's group (cgroup-v2.rst). */
export const groupSettings = (
  { cores, memoryMb, tasks, swapMb }: UnitLimits,
  controllers: readonly string[],
): [file: string, value: string][] => {
  const weight = String(Math.max(1, Math.min(10_000, cores * 100)));
  const all: [controller: string, file: string, value: string][] = [
    ['memory', 'memory.max', String(memoryMb * MB)],
    ['memory', 'memory.high', String(Math.floor(memoryMb * 0.95) * MB)],
    ...(swapMb === undefined
      ? []
      : [['memory', 'memory.swap.max', String(swapMb * MB)] as [string, string, string]]),
    ['pids', 'pids.max', String(tasks)],
    ['cpu', 'cpu.max', `${cores * PERIOD_US} ${PERIOD_US}`],
    ['cpu', 'cpu.weight', weight],
    ['io', 'io.weight', weight],
  ];
  return all
    .filter(([controller]) => controllers.includes(controller))
    .map(([, file, value]) => [file, value]);
};

/** A kernel without swap accounting, or without weights for its disks, lacks their files. */
const OPTIONAL = new Set(['memory.swap.max', 'io.weight']);

export const makeRunGroup = (
  { folder, controllers }: CgroupTree,
  id: string,
  limits: UnitLimits,
): { pilot: string; leader: string } => {
  const group = join(folder, id);
  const [pilot, leader] = [join(group, 'pilot'), join(group, 'leader')];
  makeGroup(group);
  delegate(group, controllers);
  for (const path of [pilot, leader]) makeGroup(path);
  for (const [file, value] of groupSettings(limits, controllers))
    if (!OPTIONAL.has(file) || existsSync(join(pilot, file)))
      writeFileSync(join(pilot, file), value);
  return { pilot, leader };
};

const foldersIn = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => join(path, name));

/** Takes a group away with those below it; one that still holds a process stays. */
export const removeGroup = (path: string): void => {
  try {
    for (const below of foldersIn(path)) removeGroup(below);
    rmdirSync(path);
  } catch (error) {
    if (!['ENOENT', 'EBUSY'].includes(errnoOf(error) ?? '')) throw error;
  }
};

/** Ids of processes in a group and below it; none where it has gone. */
export const processesIn = (path: string): number[] => {
  try {
    const own = wordsOf(join(path, 'cgroup.procs')).map(Number);
    return [...own, ...foldersIn(path).flatMap(processesIn)];
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes(errnoOf(error) ?? '')) return [];
    throw error;
  }
};

/** Whether a process is in a group or below it. */
export const isPopulated = (path: string): boolean => {
  try {
    return /^populated 1$/m.test(readFileSync(join(path, 'cgroup.events'), 'utf8'));
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
};
