import * as v from 'valibot';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import { MachineSize } from '../machine-size.ts';
import { PATHS } from '../paths.ts';
import { planSlots, type Slot } from '../pilot/slots.ts';
import type { Json } from './merge.ts';
import { Context, Lifeline } from './schema.ts';

const RESOLVED_BYTES = 4 * 1024 * 1024;

/** What the contextualization hands to the agent that keeps running: YAML and facts are done with. */
const Resolved = v.object({
  schemaVersion: v.literal(1),
  machine: MachineSize,
  context: v.unknown(),
});

export interface ResolvedContext {
  context: Context;
  slots: Slot[];
}

const parseJson = (path: string, text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch (error) {
    throw new PilotageError('state-invalid', `${path} cannot be understood`, { path }, error);
  }
};

export const writeResolved = (
  files: Files,
  merged: Json,
  { cores, physicalCores, memoryMb, gpus }: MachineSize,
): Promise<void> =>
  files.write(
    PATHS.resolvedContext,
    JSON.stringify({
      schemaVersion: 1,
      machine: { cores, physicalCores, memoryMb, gpus },
      context: merged,
    }),
    {
      mode: 0o600,
    },
  );

export const readResolved = async (files: Files): Promise<ResolvedContext> => {
  const data = parseJson(
    PATHS.resolvedContext,
    await files.read(PATHS.resolvedContext, RESOLVED_BYTES),
  );
  const { machine, context: merged } = v.parse(Resolved, data);
  const context = v.parse(Context, merged);
  return { context, slots: planSlots(context, machine) };
};

export const writeLifeline = (files: Files, merged: Json): Promise<void> =>
  files.write(PATHS.lifeline, JSON.stringify(merged), { mode: 0o600 });

export const readLifeline = async (files: Files): Promise<Lifeline> =>
  v.parse(Lifeline, parseJson(PATHS.lifeline, await files.read(PATHS.lifeline, RESOLVED_BYTES)));
