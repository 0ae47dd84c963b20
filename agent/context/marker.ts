import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Files } from '../../platform/files.ts';
import { parseJson } from '../../platform/parse-json.ts';
import type { MachineId } from '../machine.ts';
import { PATHS } from '../paths.ts';
import { redactStep, type Step } from './step.ts';

/** A step as a marker keeps it, without its secrets. */
const KeptStep = v.looseObject({
  kind: v.string(),
  id: v.string(),
  lasts: v.picklist(['instance', 'boot']),
});

/** What is known of a step: for which VM and boot, of which content, and how it went. */
const Marker = v.object({
  schemaVersion: v.literal(2),
  instanceId: v.string(),
  bootId: v.string(),
  digest: v.string(),
  outcome: v.picklist(['started', 'succeeded', 'failed']),
  /** Its place in the plan. */
  order: v.number(),
  /** The step itself, so that it can be taken back. */
  step: KeptStep,
  /**
   * Other contents of the step that earlier runs did, whole or in part, before one that has not yet got
   * to its end: what they left may still be there. The newest first.
   */
  earlier: v.optional(v.array(v.object({ bootId: v.string(), step: KeptStep })), []),
});
export type Marker = Omit<v.InferOutput<typeof Marker>, 'step' | 'earlier'> &
  Past & { earlier: Past[] };

/** A content of a step that was begun, and in which boot. */
export interface Past {
  bootId: string;
  step: Step;
}

const MAX_BYTES = 4 * 1024 * 1024;
/** More contexts than these fail in a row on no VM that anybody still works with. */
const KEPT_EARLIER = 8;
const SUFFIX = '.json';

const markerPath = (id: string): string => `${PATHS.steps}/${id}${SUFFIX}`;

/** Of what it does, not of what is said of it: that a disk was blank then is no change of the context. */
export const digestOf = (step: Step): string => {
  const { what: _, notices: __, ...content } = step;
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
};

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

/** All contents of a step of which something may be there, the newest first. */
export const pastOf = (marker: Marker | undefined): Past[] =>
  marker === undefined ? [] : [{ bootId: marker.bootId, step: marker.step }, ...marker.earlier];

/** Those that a marker of this step keeps while it has not got to its end. */
export const earlierOf = (marker: Marker | undefined, step: Step): Past[] => {
  const seen = new Set([digestOf(redactStep(step))]);
  const others = pastOf(marker).filter(({ step: past }) => {
    const digest = digestOf(past);
    return !seen.has(digest) && seen.add(digest);
  });
  return others.slice(0, KEPT_EARLIER);
};

/** A marker that cannot be understood counts as none: the step is done again. */
export const readMarker = async (files: Files, id: string): Promise<Marker | undefined> => {
  const text = await files.read(markerPath(id), MAX_BYTES);
  // Written by ourselves from a step, whose kind the executors' table is asked for before it is used.
  return text === undefined ? undefined : (parseJson(Marker, text) as Marker | undefined);
};

/** The ids of every step of which there is a marker. */
export const listMarkers = async (files: Files): Promise<string[]> =>
  (await files.list(PATHS.steps))
    .filter(name => name.endsWith(SUFFIX))
    .map(name => name.slice(0, -SUFFIX.length));

export const writeMarker = (
  files: Files,
  step: Step,
  marker: Omit<Marker, 'schemaVersion' | 'digest' | 'step' | 'earlier'>,
  earlier: readonly Past[] = [],
): Promise<void> =>
  files.write(
    markerPath(step.id),
    JSON.stringify({
      schemaVersion: 2,
      digest: digestOf(step),
      ...marker,
      step: redactStep(step),
      ...(earlier.length === 0 ? {} : { earlier }),
    }),
    { mode: 0o600 },
  );

export const removeMarker = (files: Files, id: string): Promise<void> =>
  files.remove(markerPath(id));
