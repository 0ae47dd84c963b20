import { DRAINED, KILLED, WORK_DONE } from './expected.ts';
import type { Deed, Fault } from './fault.ts';

const inside = (command: string): Deed => ({ kind: 'inside', command });

/** The clock goes where it should not; the time between two looks must not. */
const STEP_FORWARD = inside('date -s "$(date -d "1 day" --iso-8601=seconds)"');
const STEP_BACK = inside('date -s "$(date -d "1 day ago" --iso-8601=seconds)"');

/** Root's own share of the disk too, in ever smaller pieces, without writing them. */
const FILL_DISK = inside(`for size in 256M 16M 1M 64K 4K; do
  piece=0
  while fallocate -l $size /var/filler-$size-$piece; do piece=$((piece + 1)); done
  rm -f /var/filler-$size-$piece
done 2>/dev/null
! echo 'there is room left' >/var/filler-check`);
const READ_ONLY = inside('echo u >/proc/sysrq-trigger');

/** Takes memory as root, in no pilot's group: it is the largest, and the kernel takes it. */
const HOG = inside(`systemd-run --quiet python3 -c '
kept = []
while True: kept.append(bytearray(b"x" * (1 << 20)))
'`);
const OOM_KILL = inside('echo f >/proc/sysrq-trigger');

const HELD = /^hold: held for \d\ds of 15s: /;

/** What is done to the machine under the agent. */
export const MACHINE_FAULTS: readonly Fault[] = [
  {
    name: 'clock-forward',
    done: 'the clock set one day forward while a payload works',
    payload: 'short',
    strikes: [{ at: 'the payload works', does: STEP_FORWARD }],
    expected: WORK_DONE,
    boundS: 90,
  },
  {
    name: 'clock-back',
    done: 'the clock set one day back while a payload works',
    payload: 'short',
    strikes: [{ at: 'the payload works', does: STEP_BACK }],
    expected: WORK_DONE,
    boundS: 90,
  },
  {
    name: 'clock-drain',
    done: 'the clock set one day forward in a drain of 40 s, which a payload does not follow',
    payload: 'deaf',
    strikes: [
      { at: 'the payload works', does: { kind: 'order', order: 'drain' } },
      { at: 'it drains', does: STEP_FORWARD },
    ],
    expected: { ...DRAINED, finished: 0, notBeforeS: 38 },
    boundS: 120,
  },
  {
    name: 'disk-full-start',
    done: 'the disk full to its last block when its process is there',
    payload: 'short',
    strikes: [{ at: 'its process is there', does: FILL_DISK }],
    expected: { because: HELD, begun: 0, finished: 0 },
    boundS: 150,
  },
  {
    name: 'disk-full-context',
    done: 'the disk full to its last block when it contextualizes',
    payload: 'short',
    strikes: [{ at: 'it contextualizes', does: FILL_DISK }],
    expected: { because: HELD, begun: 0, finished: 0, heard: 'halted' },
    boundS: 150,
  },
  {
    name: 'disk-full-work',
    done: 'the disk full to its last block while a payload works',
    payload: 'short',
    strikes: [{ at: 'the payload works', does: FILL_DISK }],
    expected: WORK_DONE,
    boundS: 90,
  },
  {
    name: 'disk-full-halt',
    done: 'the disk full to its last block when an operator’s halt is latched, then SIGKILL of the agent',
    payload: 'deaf',
    strikes: [
      { at: 'the payload works', does: FILL_DISK },
      { does: { kind: 'order', order: 'halt' } },
      { at: 'it halts', does: { kind: 'signal', signal: 'KILL' } },
    ],
    expected: KILLED,
    boundS: 150,
  },
  {
    name: 'disk-read-only',
    done: 'all filesystems read-only while a payload works',
    payload: 'short',
    strikes: [{ at: 'the payload works', does: READ_ONLY }],
    // systemd cannot open the pilot's log any more, and so keeps no record of its end.
    expected: { because: HELD, begun: 1, finished: 1, heard: 'halted' },
    boundS: 90,
  },
  {
    name: 'memory-hog',
    done: 'a process outside takes all memory, while a payload works',
    payload: 'short',
    strikes: [{ at: 'the payload works', does: HOG }],
    expected: { ...WORK_DONE, told: { 'the kernel killed': /Out of memory: Killed process/ } },
    boundS: 150,
  },
  {
    name: 'oom-payload',
    done: 'the kernel’s OOM killer takes the payload',
    payload: 'short',
    strikes: [{ at: 'the payload works', does: OOM_KILL }],
    expected: { because: HELD, begun: 1, finished: 0, heard: 'halted' },
    boundS: 120,
  },
];
