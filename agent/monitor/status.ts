import * as v from 'valibot';
import { isPilotageError, PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import { parseJson } from '../../platform/parse-json.ts';
import { Acknowledgement } from '../../protocol/directive.ts';
import { Verdict } from '../../protocol/heartbeat.ts';
import { ReadingAges, ToldReadings } from '../../protocol/readings.ts';
import { VmState, WireReading } from '../../protocol/words.ts';
import { Moment } from '../moment.ts';
import { PATHS } from '../paths.ts';
import { PilotStatus } from './pilot-status.ts';
import { Ending, Turn } from './state.ts';

/** What the agent publishes at every tick, for `status` and `why`; in memory, readable by all, no secrets. */
export const Status = v.object({
  schemaVersion: v.literal(1),
  at: Moment,
  agentVersion: v.string(),
  pid: v.number(),
  units: v.string(),
  /** Who holds slots to their scratch: the kernel, or the agent, which ends who has more. */
  scratch: v.optional(v.picklist(['quota', 'watch'])),
  instanceId: v.string(),
  phase: VmState,
  reason: v.string(),
  ending: v.optional(Ending),
  load: WireReading,
  cpuCores: WireReading,
  payloads: WireReading,
  gpus: v.optional(WireReading),
  /** All other readings. */
  readings: v.optional(ToldReadings),
  /** How old those were that were not taken at this look. */
  readingAgesMs: v.optional(ReadingAges),
  uptimeMs: v.optional(v.number()),
  pilots: v.array(PilotStatus),
  verdicts: v.array(Verdict),
  turns: v.array(Turn),
  /** The last orders that were obeyed, the newest last; an older agent did not tell. */
  orders: v.optional(v.array(Acknowledgement)),
  ticks: v.number(),
  /** Life left when this was written, ms; without it, the credential does not say. */
  credentials: v.optional(
    v.array(
      v.object({
        name: v.string(),
        endMs: v.optional(v.number()),
        leftMs: v.optional(v.number()),
        trouble: v.optional(v.string()),
      }),
    ),
  ),
  receiver: v.optional(
    v.object({
      url: v.string(),
      vmId: v.optional(v.string()),
      acknowledgedHeartbeats: v.number(),
      lastError: v.optional(v.string()),
    }),
  ),
});
export type Status = v.InferOutput<typeof Status>;

export const writeStatus = (files: Files, status: Status): Promise<void> =>
  files.write(PATHS.status, JSON.stringify(status), { mode: 0o644, inMemory: true });

/** The last published status, or `undefined` if no agent has run in this boot. */
export const readStatus = async (files: Files): Promise<Status | undefined> => {
  const text = await files.read(PATHS.status, 4 * 1024 * 1024);
  if (text === undefined) return undefined;
  const status = parseJson(Status, text);
  if (status !== undefined) return status;
  const message = `${files.locate(PATHS.status)} was written by another version; remedy: restart the agent`;
  throw new PilotageError('state-invalid', message);
};

/** When an agent of this boot looked last; `undefined` where none is known to have. */
export const readLastLook = async (files: Files): Promise<Moment | undefined> => {
  try {
    return (await readStatus(files))?.at;
  } catch (error) {
    if (isPilotageError(error)) return undefined;
    throw error;
  }
};
