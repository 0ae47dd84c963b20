import * as v from 'valibot';
import { isIdOfOneInstance } from '../../cloud-init-id.ts';
import { cloudFact } from './cloud-fact.ts';
import { DETECT } from './detect.ts';
import { CLOUD_INIT } from './detection-facts.ts';
import { factsInEc2Words } from './ec2-words.ts';
import { jsonAnswer, Loose } from './json-answer.ts';
import { readRegular } from './read-regular.ts';
import { type CloudFacts, type Source, USER_DATA_BYTES } from './source.ts';

/** It holds all that the datasource said. */
const INSTANCE_DATA_BYTES = 4 * 1024 * 1024;

const InstanceData = v.object({
  v1: v.optional(Loose, {}),
  ds: v.optional(v.object({ meta_data: v.optional(Loose, {}) }), {}),
});

const factsOf = (bytes: Buffer): CloudFacts => {
  const { v1, ds } = jsonAnswer(InstanceData, bytes, CLOUD_INIT.instanceData);
  const instanceId = cloudFact(v1.instance_id);
  const zone = cloudFact(v1.availability_zone);
  const { instanceId: ofCloud, ...facts } = factsInEc2Words(ds.meta_data ?? {});
  const ids = [instanceId, ofCloud].filter(known => known !== undefined);
  const id = ids.find(isIdOfOneInstance);
  return {
    ...facts,
    ...(id === undefined ? {} : { instanceId: id }),
    ...(zone === undefined ? {} : { zone }),
  };
};

/**
 * What cloud-init kept of its own datasource: user-data as it came, perhaps compressed, and
 * instance-data (its documentation, "Instance metadata"). Needs no network and no second reading of
 * a slow service.
 */
export const cloudInit: Source = {
  name: 'cloud-init',
  tells: ['instanceId', 'zone'],
  detect: DETECT['cloud-init'],
  fetch: async ({ files }) => {
    const instanceData = await readRegular(files, CLOUD_INIT.instanceData, INSTANCE_DATA_BYTES);
    const facts = instanceData === undefined ? {} : factsOf(instanceData);
    const userData = await readRegular(files, CLOUD_INIT.userData, USER_DATA_BYTES);
    return userData === undefined || userData.length === 0 ? { facts } : { facts, userData };
  },
};
