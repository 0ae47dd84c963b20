import { isPilotageError, PilotageError } from '../../../platform/errors.ts';
import type { Files } from '../../../platform/files.ts';
import { cloudFact, cloudFacts } from './cloud-fact.ts';
import { CONFIG_DRIVE_LABELS, DETECT } from './detect.ts';
import { factsInEc2Words } from './ec2-words.ts';
import { jsonAnswer, Loose } from './json-answer.ts';
import { bytesOf, createMetadata, withMetadata } from './metadata.ts';
import { readRegular } from './read-regular.ts';
import {
  type CloudFacts,
  type Source,
  type SourcePorts,
  type SourceResult,
  USER_DATA_BYTES,
} from './source.ts';

const WHAT = "OpenStack's metadata service";
const DRIVE = "OpenStack's config drive";
const ORIGINS = ['http://169.254.169.254'];
const META_DATA = '/openstack/latest/meta_data.json';
const USER_DATA = '/openstack/latest/user_data';

/** Nova's own metadata: the id, and no flavour, image or address. */
const factsOf = (metaData: Buffer, what: string): CloudFacts => {
  const told = jsonAnswer(Loose, metaData, `meta_data.json of ${what}`);
  return cloudFacts({
    instanceId: cloudFact(told.uuid),
    zone: cloudFact(told.availability_zone),
    instanceName: cloudFact(told.name),
    project: cloudFact(told.project_id),
  });
};

const fromDrive = async (files: Files): Promise<SourceResult> => {
  const metaData = await readRegular(files, META_DATA, USER_DATA_BYTES);
  if (metaData === undefined)
    throw new PilotageError('reply-invalid', `${DRIVE} holds no ${META_DATA.slice(1)}`);
  const ec2 = await readRegular(files, '/ec2/latest/meta-data.json', USER_DATA_BYTES);
  const inEc2Words =
    ec2 === undefined
      ? {}
      : factsInEc2Words(jsonAnswer(Loose, ec2, `ec2/latest/meta-data.json of ${DRIVE}`));
  const userData = await readRegular(files, USER_DATA, USER_DATA_BYTES);
  return {
    facts: { ...inEc2Words, ...factsOf(metaData, DRIVE) },
    ...(userData === undefined ? {} : { userData }),
  };
};

/** Names of the part that is compatible with EC2, which an OpenStack may go without. */
const EC2_NAMES = ['ami-id', 'instance-type', 'local-ipv4', 'public-ipv4'] as const;

/** How long the part that may be missing is asked, ms. */
const EC2_PART_MS = 5_000;

/** A part that fails is as good as one that is missing: nothing depends on it. */
const askEc2Part = (
  ports: SourcePorts,
  origins: readonly string[],
  signal: AbortSignal,
): Promise<CloudFacts> => {
  const patience = { ...ports.patience, totalMs: EC2_PART_MS };
  const service = createMetadata({ ...ports, patience }, WHAT, origins, signal);
  return withMetadata(service, async metadata => {
    const told: Record<string, unknown> = {};
    try {
      for (const name of EC2_NAMES) {
        const reply = await metadata.request({ path: `/2009-04-04/meta-data/${name}` });
        if (reply.status === 200) told[name] = reply.body;
      }
    } catch (error) {
      if (!isPilotageError(error) || signal.aborted) throw error;
    }
    return factsInEc2Words(told);
  });
};

const fromService = (ports: SourcePorts, signal: AbortSignal): Promise<SourceResult> => {
  const { metadataUrl } = ports.options;
  const origins = metadataUrl === undefined ? ORIGINS : [metadataUrl];
  return withMetadata(createMetadata(ports, WHAT, origins, signal), async metadata => {
    const get = async (path: string): Promise<Buffer | undefined> =>
      bytesOf(await metadata.request({ path }), WHAT, path);
    const metaData = await get(META_DATA);
    if (metaData === undefined)
      throw new PilotageError('http-refused', `${WHAT} knows no ${META_DATA}`, { status: 404 });
    const facts = factsOf(metaData, WHAT);
    const userData = await get(USER_DATA);
    return {
      facts: { ...(await askEc2Part(ports, origins, signal)), ...facts },
      ...(userData === undefined ? {} : { userData }),
    };
  });
};

/**
 * OpenStack Nova: "Metadata service" and "Config drives" of its user guide. The config drive is read
 * where there is one, since it needs no network; where it cannot be read, the service is asked.
 */
export const openstack: Source = {
  name: 'openstack',
  tells: [
    ...(['instanceId', 'instanceName', 'imageId', 'instanceType', 'zone', 'project'] as const),
    ...(['localIp', 'publicIp'] as const),
  ],
  detect: DETECT.openstack,
  fetch: async (ports, signal) => {
    const label = CONFIG_DRIVE_LABELS.find(known => ports.known.labels.includes(known));
    if (label === undefined) return fromService(ports, signal);
    try {
      return await ports.disks.use(label, signal, fromDrive);
    } catch (error) {
      if (!isPilotageError(error) || signal.aborted) throw error;
      return fromService(ports, signal).catch((second: unknown) => {
        throw isPilotageError(second)
          ? new PilotageError(second.code, `${error.message}; ${second.message}`, {}, second)
          : second;
      });
    }
  },
};
