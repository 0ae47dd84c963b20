export const USER_HZ = 100;

export interface Process {
  pid: number;
  session: number;
  parent: number;
  threads: number;
  cpuMs: number;
}

/** proc(5): what follows the parenthesized name, which may hold anything, begins with field 3. */
export const splitStat = (stat: string): { pid: number; name: string; fields: string[] } => {
  const end = stat.lastIndexOf(')');
  return {
    pid: Number.parseInt(stat, 10),
    name: stat.slice(stat.indexOf('(') + 1, end),
    fields: stat.slice(end + 2).split(' '),
  };
};

/** A zombie is none. */
export const parseStat = (stat: string): Process | undefined => {
  const { pid, fields } = splitStat(stat);
  const ticks = [11, 12, 13, 14].map(index => Number(fields[index]));
  const session = Number(fields[3]);
  const parent = Number(fields[1]);
  const threads = Number(fields[17]);
  if (![pid, session, parent, threads, ...ticks].every(Number.isFinite) || fields[0] === 'Z')
    return undefined;
  return {
    pid,
    session,
    parent,
    threads,
    cpuMs: (ticks.reduce((sum, tick) => sum + tick, 0) * 1000) / USER_HZ,
  };
};
