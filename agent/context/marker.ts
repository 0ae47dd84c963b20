import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Files } from '../../platform/files.ts';
import { parseJson } from '../../platform/parse-json.ts';
import type { MachineId } from '../machine.ts';
import { PATHS } from '../paths.ts';
import type { Step } from './step.ts';

/** What is known of a step: for which VM and boot, of which content, and how it went. */
const Marker = v.object({
  schemaVersion: v.literal(1),
  instanceId: v.string(),
  bootId: v.string(),
  digest: v.string(),
  outcome: v.picklist(['started', 'succeeded', 'failed']),
});
export type Marker = v.InferOutput<typeof Marker>;

const markerPath = (step: Step): string => `${PATHS.steps}/${step.id}.json`;

export const digestOf = (step: Step): string =>
  createHash('sha256').update(JSON.stringify(step)).digest('hex');

/** Only a success spares a rerun, and only of the same content, on the same VM, in the same boot where it matters. */
export const isSpared = (
  marker: Marker | undefined,
  step: Step,
  { instanceId, bootId }: Pick<MachineId, 'instanceId' | 'bootId'>,
): boolean =>
  marker?.outcome === 'succeeded' &&
  marker.instanceId === instanceId &&
  marker.digest === digestOf(step) &&
  (step.lasts === 'instance' || marker.bootId === bootId);

/** A marker that cannot be understood counts as none: the step is done again. */
export const readMarker = async (files: Files, step: Step): Promise<Marker | undefined> => {
  const text = await files.read(markerPath(step), 64 * 1024);
  if (text === undefined) return undefined;
  return parseJson(Marker, text);
};

export const writeMarker = (
  files: Files,
  step: Step,
  marker: Omit<Marker, 'schemaVersion' | 'digest'>,
): Promise<void> =>
  files.write(
    markerPath(step),
    JSON.stringify({ schemaVersion: 1, digest: digestOf(step), ...marker }),
    { mode: 0o600 },
  );
