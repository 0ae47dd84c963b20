import { PATHS } from '../../../agent/paths.ts';
import { DRAINED, KILLED, WORK_DONE } from './expected.ts';
import type { Fault } from './fault.ts';
import { AGENT_PROCESSES, type Moment } from './moments.ts';

interface Spot {
  name: string;
  at: Moment;
}

/** Every step of a boot, up to the first payload. */
const BOOT: readonly Spot[] = [
  { name: 'first-breath', at: 'its process is there' },
  { name: 'lifeline', at: 'it reads its lifeline' },
  { name: 'between', at: 'it knows its lifeline' },
  { name: 'contextualizing', at: 'it contextualizes' },
  { name: 'contextualized', at: 'it knows its context' },
  { name: 'pilot-start', at: 'a pilot starts' },
];

/** Every step of a halt, with a payload that has to be killed. */
const HALT: readonly Spot[] = [
  { name: 'halt', at: 'it halts' },
  { name: 'farewell', at: 'its pilots are gone' },
  { name: 'stopping', at: 'the system stops' },
];

const inBoot =
  (signal: 'KILL' | 'STOP', boundS: number) =>
  ({ name, at }: Spot): Fault => ({
    name: `${signal.toLowerCase()}-${name}`,
    done: `SIG${signal} of the agent when ${at}`,
    payload: 'short',
    strikes: [{ at, does: { kind: 'signal', signal } }],
    expected: WORK_DONE,
    boundS,
  });

const inHalt =
  (signal: 'KILL' | 'STOP', boundS: number) =>
  ({ name, at }: Spot): Fault => ({
    name: `${signal.toLowerCase()}-${name}`,
    done: `an operator’s halt, SIG${signal} of the agent when ${at}`,
    payload: 'deaf',
    strikes: [
      { at: 'the payload works', does: { kind: 'order', order: 'halt' } },
      { at, does: { kind: 'signal', signal } },
    ],
    expected: KILLED,
    boundS,
  });

/** The agent hangs, and systemd's watchdog sees it. */
export const HUNG: Fault = {
  name: 'stop-tick',
  done: 'SIGSTOP of the agent while a payload works',
  payload: 'short',
  strikes: [{ at: 'the payload works', does: { kind: 'signal', signal: 'STOP' } }],
  expected: WORK_DONE,
  boundS: 150,
};

const AGAIN_AND_AGAIN = `mkdir /run/steps-struck
until [ -e /scratch/plt00/works ]; do
  for marker in ${PATHS.steps}/*.json; do
    step=\${marker##*/}
    [ -e "/run/steps-struck/$step" ] && continue
    read -r line <"$marker" || [ -n "$line" ] || continue
    case $line in *'"outcome":"started"'*) ;; *) continue ;; esac
    read -r pid <${AGENT_PROCESSES} && kill -KILL "$pid" && : >"/run/steps-struck/$step"
  done
done 2>/dev/null
echo "steps struck: $(ls /run/steps-struck | wc -l)" >/dev/kmsg`;

/** What is done to the agent itself. */
export const AGENT_FAULTS: readonly Fault[] = [
  ...BOOT.map(inBoot('KILL', 150)),
  ...BOOT.map(inBoot('STOP', 210)),
  {
    name: 'kill-each-step',
    done: 'SIGKILL of the agent in each step of its contextualization that can be caught, one after the other',
    payload: 'short',
    strikes: [{ at: 'it contextualizes', does: { kind: 'inside', command: AGAIN_AND_AGAIN } }],
    expected: {
      ...WORK_DONE,
      told: { 'several steps were struck': /steps struck: (?:[3-9]|1\d)/ },
    },
    boundS: 420,
  },
  {
    name: 'kill-ticks',
    done: 'SIGKILL of the agent in three ticks, one after the other, then an operator’s drain',
    payload: 'steady',
    strikes: [
      { at: 'the payload works', does: { kind: 'signal', signal: 'KILL' } },
      { at: 'it writes its state', does: { kind: 'signal', signal: 'KILL' } },
      { at: 'a tick has ended', does: { kind: 'signal', signal: 'KILL' } },
      { at: 'a tick has ended', does: { kind: 'order', order: 'drain' } },
    ],
    expected: DRAINED,
    boundS: 180,
  },
  ...HALT.map(inHalt('KILL', 150)),
  ...HALT.map(inHalt('STOP', 180)),
  {
    name: 'crash-loop',
    done: 'SIGKILL of every agent as soon as it is there',
    payload: 'short',
    strikes: [
      {
        at: 'its process is there',
        does: {
          kind: 'inside',
          command: `systemd-run --quiet sh -c 'while :; do read -r pid <${AGENT_PROCESSES} && kill -KILL "$pid"; sleep 0.1; done 2>/dev/null'`,
        },
      },
    ],
    expected: { because: 'silence', begun: 0, finished: 0, heard: 'nothing' },
    boundS: 240,
  },
  {
    name: 'binary-gone',
    done: 'the binary removed and the agent killed, while a payload works',
    payload: 'short',
    strikes: [
      {
        at: 'the payload works',
        does: {
          kind: 'inside',
          command: `rm /usr/bin/pilotage-agent; read -r pid <${AGENT_PROCESSES} && kill -KILL "$pid"`,
        },
      },
    ],
    // The payload comes to its end first: twenty tries take longer.
    expected: { because: 'silence', begun: 1, finished: 1, heard: 'less' },
    boundS: 180,
  },
];
