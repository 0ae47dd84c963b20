/** What a payload may do to a machine, by malice or by mistake. */
export interface Abuse {
  name: string;
  /** Run in the abuser's unit. */
  script: string;
  /** Run as root in the guest, with `$group` for the unit's group: prints what it does once it is at its bound. */
  atBound: string;
  /** What that then prints. */
  bound: RegExp;
}

const python = (lines: readonly string[]): string => `exec python3 -c '\n${lines.join('\n')}\n'`;

export const TASKS = 64;
export const MEMORY_MB = 200;
export const SCRATCH_MB = 96;

/** Each must be contained and reaped. */
export const ABUSES: readonly Abuse[] = [
  {
    name: 'fork bomb',
    script: python([
      'import os, time',
      'while True:',
      '  try: os.fork()',
      '  except OSError: time.sleep(0.2)',
    ]),
    atBound: 'grep -q "max [1-9]" $group/pids.events && cat $group/pids.current',
    bound: new RegExp(`^(?:${TASKS}|6[0-3])$`),
  },
  {
    name: 'memory hog',
    script: python([
      'import time',
      'kept = []',
      'while True: kept.append(bytearray(b"x" * (1 << 20)))',
    ]),
    atBound: 'grep -E "^oom_kill [1-9]" $group/memory.events',
    bound: /^oom_kill \d+$/,
  },
  {
    name: 'disk filler',
    script: `for folder in "$HOME" /tmp /var/tmp; do
  dd if=/dev/zero of=$folder/filler bs=64k 2>&1
done
touch "$HOME/filled"`,
    atBound: 'ls /scratch/plt00/filled && du -cm /scratch/plt00 /scratch/plt00.tmp | tail -n 1',
    bound: /filled\n(?:\d|[1-8]\d|9[0-7])\s+total$/,
  },
  {
    name: 'double-forking runaway',
    script: python([
      'import os, signal, time',
      'if os.fork(): os._exit(0)',
      'os.setsid()',
      'if os.fork(): os._exit(0)',
      'os.closerange(0, 1000)',
      'for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(s, signal.SIG_IGN)',
      'open("runaway", "w").write(str(os.getpid()))',
      'while True: pass',
    ]),
    atBound:
      'pid=$(cat /scratch/plt00/runaway) && ps -o ppid= -p $pid && grep -x $pid $group/cgroup.procs >/dev/null && echo inside',
    bound: /^1\ninside$/,
  },
];
