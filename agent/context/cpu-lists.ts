/** Lists of processors as the kernel writes them (cpuset(7), "List format"): `0-3,8`. */

const MOST = 16_384;

/** @returns `undefined` for what is no such list */
export const parseCpuList = (text: string): number[] | undefined => {
  const list = text.trim();
  if (list === '') return undefined;
  const found = new Set<number>();
  for (const part of list.split(',')) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (match === null) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    if (last < first || last >= MOST) return undefined;
    for (let cpu = first; cpu <= last; cpu += 1) found.add(cpu);
  }
  return [...found].sort((a, b) => a - b);
};

/** `Cpus_allowed_list` of proc(5)'s status: what a process, and whatever it starts, may run on. */
export const parseAllowed = (status: string): number[] | undefined => {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1];
  return list === undefined ? undefined : parseCpuList(list);
};

/** cpu.max of cgroup v2, `$MAX $PERIOD`: processors' worth of time; `undefined` without a limit. */
export const parseCpuMax = (text: string): number | undefined => {
  const match = /^(\d+) (\d+)$/.exec(text.trim());
  if (match === null || Number(match[2]) === 0) return undefined;
  return Number(match[1]) / Number(match[2]);
};

/** The group of a process in cgroup v2, from its /proc/…/cgroup, and all that are above it. */
export const groupsAbove = (text: string): string[] => {
  const path = /^0::(\/.*)$/m.exec(text)?.[1];
  if (path === undefined) return [];
  const names = path.split('/').filter(name => name !== '' && name !== '..');
  return names.map((_, index) => `/${names.slice(0, names.length - index).join('/')}`).concat(['']);
};
