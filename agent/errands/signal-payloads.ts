import { constants } from 'node:os';
import type { Files } from '../../platform/files.ts';
import type { ErrandOf } from '../monitor/orders/errand.ts';
import type { OrderEnd } from '../monitor/orders/obeyed.ts';
import { readOr, readProcesses } from '../peek/read-proc.ts';
import { kindOf } from '../pilot/kinds/index.ts';
import type { PilotRun } from '../pilot/kinds/kind.ts';
import { signalProcess } from '../pilot/unit/processes.ts';
import { type PilotUnits, unitId } from '../pilot/unit/unit.ts';
import { catchesSignal, payloadProcesses } from './payload-processes.ts';

export interface SignalPorts {
  host: Files;
  units: PilotUnits;
  find(slot: string): Promise<PilotRun | undefined>;
  /** {@link signalProcess}, but in tests. */
  kill?: (pid: number, signal: string) => void;
}

interface Sent {
  unit: string;
  reached: number;
  /** Without a handler: by default the signal would end them. */
  spared: number;
}

const count = (many: number): string => `${many} process${many === 1 ? '' : 'es'}`;

const describe = (signal: string, { unit, reached, spared }: Sent): string => {
  if (reached + spared === 0) return `${unit} has no payload`;
  const rest = spared === 0 ? '' : `, ${count(spared)} without a handler for it left alone`;
  return `${signal} to ${count(reached)} of ${unit}${rest}`;
};

const signalRun = async (
  { host, units, kill = signalProcess }: SignalPorts,
  run: PilotRun,
  name: ErrandOf<'signal'>['signal'],
  signal: AbortSignal,
): Promise<Sent> => {
  const number = constants.signals[`SIG${name}`];
  const payloads = payloadProcesses(await readProcesses({ host, units }, run.unit), {
    isRunner: kindOf(run.pilots).isRunner,
    hasLeader: units.kind.startsWith('session'),
  });
  const targets: number[] = [];
  for (const { pid, state } of payloads) {
    const isGone = state === 'Z' || state === 'X';
    const status = isGone ? '' : ((await readOr(host, `/proc/${pid}/status`)) ?? '');
    // CONT does nothing to a process that runs, handler or none.
    if (name === 'CONT' ? !isGone : catchesSignal(status, number)) targets.push(pid);
  }
  signal.throwIfAborted();
  // A number that is another's by now is not in the unit any more.
  const members = new Set(await units.members(run.unit));
  const reached = targets.filter(pid => members.has(pid));
  for (const pid of reached) kill(pid, name);
  return {
    unit: unitId(run.unit),
    reached: reached.length,
    spared: payloads.length - targets.length,
  };
};

/** Sends a signal to the payloads of one pilot, or of all; only to processes that have a handler for it. */
export const signalPayloads = async (
  ports: SignalPorts,
  { signal: name, pilot }: ErrandOf<'signal'>,
  signal: AbortSignal,
): Promise<OrderEnd> => {
  const [wanted, generation] = pilot?.split('-') ?? [];
  const running = (await ports.units.sight()).filter(({ state }) => state === 'running');
  const slots = wanted === undefined ? [...new Set(running.map(({ slot }) => slot))] : [wanted];
  const sent: Sent[] = [];
  for (const slot of slots.sort()) {
    const run = await ports.find(slot);
    if (run === undefined) continue;
    if (generation !== undefined && run.unit.generation !== Number(generation))
      return { outcome: 'refused', detail: `${pilot} has ended; ${unitId(run.unit)} runs there` };
    sent.push(await signalRun(ports, run, name, signal));
  }
  if (sent.length === 0) {
    const where = wanted === undefined ? '' : ` in slot ${wanted}`;
    return { outcome: 'refused', detail: `no pilot runs${where}` };
  }
  const detail = sent.map(each => describe(name, each)).join('; ');
  const reached = sent.reduce((sum, each) => sum + each.reached, 0);
  return { outcome: reached > 0 ? 'done' : 'refused', detail };
};
