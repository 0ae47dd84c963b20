import type { Files } from '../../platform/files.ts';
import type { CloudWord } from '../../protocol/cloud.ts';
import type { Ending } from '../context/schema/ending.ts';
import { type Learnt, readLearnt } from '../learnt.ts';

/** What the receiver is told of the cloud by which this VM would have to be deleted. */
export interface CloudTeller {
  /** Reads what was learnt of the cloud in this boot. */
  learn(): Promise<void>;
  /** What the context says of it. */
  heed(ending: Pick<Ending, 'powerOffDeletes'>): void;
  /** For a heartbeat; nothing where no cloud has told anything. */
  told(): { cloud?: CloudWord };
}

const wordOf = (
  { cloud, ...facts }: Learnt['facts'],
  powerOffDeletes: boolean | undefined,
): ReturnType<CloudTeller['told']> => {
  if (cloud === undefined) return {};
  const { imageId, localIp: _, publicIp: __, ...rest } = facts;
  const said = { ...rest, image: imageId, powerOffDeletes };
  const known = Object.entries(said).filter(([, value]) => value !== undefined);
  return { cloud: { name: cloud, ...Object.fromEntries(known) } };
};

export const createCloudTeller = (files: Files, bootId: string): CloudTeller => {
  let facts: Learnt['facts'] = {};
  let powerOffDeletes: boolean | undefined;
  return {
    learn: async () => {
      facts = (await readLearnt(files, bootId))?.facts ?? facts;
    },
    heed: ending => {
      powerOffDeletes = ending.powerOffDeletes;
    },
    told: () => wordOf(facts, powerOffDeletes),
  };
};
