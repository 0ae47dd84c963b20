import { PilotageError } from '../../platform/errors.ts';
import type { SourceOptions } from '../context/sources/source.ts';

/** Instead of the clouds' own addresses, e.g. of a relay. */
const METADATA_URL = 'PILOTAGE_METADATA_URL';
/** `1`: ask an EC2 that gives no tokens without one. */
const ALLOW_IMDS_V1 = 'PILOTAGE_ALLOW_IMDSV1';

/**
 * Where metadata services are cannot be said in the context that comes from them, so it stands in the
 * environment, which the agent's unit sets.
 */
export const metadataOptions = (
  env: Readonly<Record<string, string | undefined>>,
): SourceOptions => {
  const url = env[METADATA_URL];
  if (url !== undefined && !/^https?:\/\/[^/]+\/?$/.test(url))
    throw new PilotageError('usage', `${METADATA_URL} is like http://10.0.0.1:8080; it is ${url}`);
  return {
    allowImdsV1: env[ALLOW_IMDS_V1] === '1',
    ...(url === undefined ? {} : { metadataUrl: url.replace(/\/$/, '') }),
  };
};
