import type { Clock } from '../../platform/clock.ts';
import { isPilotageError } from '../../platform/errors.ts';
import { type Exec, SYSTEM_ENV } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';
import { newestRuns, parseLogName } from '../logs/log-name.ts';
import type { ErrandOf } from '../monitor/orders/errand.ts';
import type { OrderEnd } from '../monitor/orders/obeyed.ts';
import { PATHS } from '../paths.ts';
import type { AgentPorts } from '../ports.ts';
import type { LogRing } from '../uplink/log-ring.ts';
import type { Uplink } from '../uplink/uplink.ts';

export interface CollectPorts {
  files: Files;
  exec: Exec;
  clock: Clock;
  kind: AgentPorts['kind'];
  ring: LogRing;
  uplink: Pick<Uplink, 'wantLogs' | 'wantNamed'> | undefined;
}

/** Of the agent's own log, its last bytes. */
const OWN_BYTES = 2 * 1024 * 1024;
const JOURNAL_MS = 60_000;

const isOwn = (name: string): boolean => /^agent\.\d{8}T\d{6}Z$/.test(name);

/** systemd keeps all that the agent wrote in this boot; elsewhere its last lines are known. */
const readOwn = async ({ exec, kind, ring }: CollectPorts): Promise<string | Buffer> => {
  if (kind === 'systemd')
    try {
      const args = ['--unit=pilotage-agent.service', '--boot', '--output=cat', '--no-pager'];
      const options = { timeoutMs: JOURNAL_MS, maxOutputBytes: OWN_BYTES, env: SYSTEM_ENV };
      return (await exec.run('journalctl', args, options)).stdout;
    } catch (error) {
      // Without a journal there is what we remember.
      if (!isPilotageError(error)) throw error;
    }
  return ring.piece(0, OWN_BYTES).bytes;
};

/** Beside the logs of pilots, under a name of its own each time: one that was sent is never written to. */
const leaveOwn = async (ports: CollectPorts): Promise<string> => {
  const { files, clock } = ports;
  const stamp = new Date(clock.wallMs()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const name = `agent.${stamp}`;
  await files.makeDirectory(PATHS.logs, { mode: 0o700 });
  for (const old of (await files.list(PATHS.logs)).filter(isOwn))
    if (old !== name) await files.remove(`${PATHS.logs}/${old}`);
  await files.write(`${PATHS.logs}/${name}`, await readOwn(ports), { mode: 0o600 });
  return name;
};

/** The runs of which logs are wanted, of those that there are. */
const runsOf = async (
  files: Files,
  of: string | undefined,
): Promise<{ slot: string; generation: number }[]> => {
  const logs = (await files.list(PATHS.logs)).map(parseLogName).filter(log => log !== undefined);
  const [wanted, generation] = of?.split('-') ?? [];
  if (wanted !== undefined && generation !== undefined)
    return [{ slot: wanted, generation: Number(generation) }];
  return [...newestRuns(logs)]
    .filter(([slot]) => wanted === undefined || slot === wanted)
    .map(([slot, newest]) => ({ slot, generation: newest }));
};

/** Has logs sent whole, as after a bad end; they go on their way when this ends. */
export const collectLogs = async (
  ports: CollectPorts,
  { of }: ErrandOf<'collect-logs'>,
): Promise<OrderEnd> => {
  const { files, uplink } = ports;
  if (uplink === undefined)
    return { outcome: 'refused', detail: 'the context names no receiver to send them to' };
  const names: string[] = [];
  if (of === undefined || of === 'agent') names.push(await leaveOwn(ports));
  if (names.length > 0) await uplink.wantNamed(names);
  if (of !== 'agent')
    for (const run of await runsOf(files, of)) names.push(...(await uplink.wantLogs(run)));
  return names.length === 0
    ? { outcome: 'refused', detail: `there are no logs of ${of}` }
    : { outcome: 'done', detail: `on their way: ${names.join(', ')}` };
};
