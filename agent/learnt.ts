import * as v from 'valibot';
import type { Files } from '../platform/files.ts';
import { parseJson } from '../platform/parse-json.ts';
import { GROUP_KINDS } from '../protocol/cloud.ts';
import { PATHS } from './paths.ts';

const Fact = v.optional(v.string());

/** What a cloud told of this VM, kept for one boot, so that nobody has to ask again. */
const Learnt = v.object({
  schemaVersion: v.literal(1),
  bootId: v.string(),
  facts: v.object({
    /** The source that was found, where it is a cloud's own. */
    cloud: Fact,
    instanceId: Fact,
    imageId: Fact,
    instanceType: Fact,
    zone: Fact,
    localIp: Fact,
    publicIp: Fact,
    lifeCycle: v.optional(v.picklist(['spot', 'normal'])),
    region: Fact,
    instanceName: Fact,
    project: Fact,
    resourceGroup: Fact,
    group: Fact,
    groupKind: v.optional(v.picklist(GROUP_KINDS)),
  }),
  /** Whose user-data lies beside it; absent: there is none. */
  userDataFrom: Fact,
  /** False if a source failed, which may answer the next time. */
  isWhole: v.boolean(),
});
export type Learnt = v.InferOutput<typeof Learnt>;

const MAX_BYTES = 64 * 1024;

/** What was learnt in this boot; a file of another boot, or a damaged one, counts as none. */
export const readLearnt = async (files: Files, bootId: string): Promise<Learnt | undefined> => {
  const text = await files.read(PATHS.learnt, MAX_BYTES);
  const learnt = text === undefined ? undefined : parseJson(Learnt, text);
  return learnt?.bootId === bootId ? learnt : undefined;
};

export const writeLearnt = (files: Files, learnt: Omit<Learnt, 'schemaVersion'>): Promise<void> =>
  files.write(PATHS.learnt, JSON.stringify({ schemaVersion: 1, ...learnt }), { mode: 0o600 });
