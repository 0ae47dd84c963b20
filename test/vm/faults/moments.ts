import { PATHS } from '../../../agent/paths.ts';

const GROUPS = '/sys/fs/cgroup';
export const AGENT_PROCESSES = `${GROUPS}/system.slice/pilotage-agent.service/cgroup.procs`;
const PILOTS = `${GROUPS}/pilotage.slice/pilotage-pilots.slice`;
/** Made anew by each strike: what is newer came after it. */
export const STRUCK = '/run/fault-struck';

const isLatched = (kind: string): string =>
  `{ read -r latch <${PATHS.latch} || [ -n "$latch" ]; } && case $latch in *'"kind":"${kind}"'*) true;; *) false;; esac`;
const isNewer = (path: string): string => `[ ${path} -nt ${STRUCK} ]`;
const anyOf = (pattern: string): string => `set -- ${pattern} && [ -e "$1" ]`;

/**
 * Moments in a VM's life, as a shell of the guest sees that they have come. Builtins of dash alone: what starts a
 * process takes longer than the moment does.
 */
export const MOMENTS = {
  'its process is there': `read -r pid <${AGENT_PROCESSES}`,
  'it has begun': `[ -d ${PATHS.requests} ]`,
  'it reads its lifeline': `{ read -r pid && read -r child; } <${AGENT_PROCESSES}`,
  'it knows its lifeline': `[ -e ${PATHS.lifeline} ]`,
  'it contextualizes': anyOf(`${PATHS.steps}/*.json`),
  'it knows its context': `[ -e ${PATHS.resolvedContext} ]`,
  'a pilot starts': anyOf(`${PILOTS}/pilotage-pilot-*`),
  'the payload waits': '[ -e /scratch/plt00/waits ]',
  'the payload works': '[ -e /scratch/plt00/works ]',
  'it writes its state': isNewer(PATHS.monitorState),
  'a tick has ended': isNewer(PATHS.status),
  'it drains': isLatched('drain'),
  'it drains no longer': `! { ${isLatched('drain')}; }`,
  'it halts': isLatched('halt'),
  'its pilots are gone': `${isLatched('halt')} && ! { ${anyOf(`${PILOTS}/pilotage-pilot-*`)}; }`,
  'the system stops': '[ "$(systemctl is-system-running)" = stopping ]',
} as const satisfies Readonly<Record<string, string>>;
export type Moment = keyof typeof MOMENTS;

/** Waits for a moment, notes that something strikes, and strikes. */
export const strikeAt = (moment: Moment | undefined, deed: string): string =>
  [
    ...(moment === undefined
      ? []
      : [`until { ${MOMENTS[moment]}; } 2>/dev/null; do sleep 0.02; done`]),
    `: >${STRUCK}`,
    deed,
  ].join('\n');
