import { PilotageError } from '../../platform/errors.ts';
import { createHttp } from '../../platform/undici-http.ts';
import { createFolderDisks, createMountedDisks } from '../context/sources/disks.ts';
import type { LearnPorts } from '../context/sources/learn.ts';
import type { AgentPorts } from '../ports.ts';

/** Instead of the clouds' own addresses, e.g. of a relay. */
const METADATA_URL = 'PILOTAGE_METADATA_URL';
/** `1`: ask an EC2 that gives no tokens without one. */
const ALLOW_IMDS_V1 = 'PILOTAGE_ALLOW_IMDSV1';

/**
 * What the sources work with. Where metadata services are cannot be said in the context that comes from
 * them, so it stands in the environment, which the agent's unit sets.
 */
export const createSourcePorts = (
  { files, clock, log, exec, kind }: AgentPorts,
  env: Readonly<Record<string, string | undefined>>,
): LearnPorts => {
  const url = env[METADATA_URL];
  if (url !== undefined && !/^https?:\/\/[^/]+\/?$/.test(url))
    throw new PilotageError('usage', `${METADATA_URL} is like http://10.0.0.1:8080; it is ${url}`);
  return {
    files,
    clock,
    log,
    http: createHttp,
    disks: kind === 'folder' ? createFolderDisks(files) : createMountedDisks(files, exec),
    options: {
      allowImdsV1: env[ALLOW_IMDS_V1] === '1',
      ...(url === undefined ? {} : { metadataUrl: url.replace(/\/$/, '') }),
    },
  };
};
