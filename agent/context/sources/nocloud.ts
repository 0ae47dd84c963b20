import { parse } from 'yaml';
import { PilotageError } from '../../../platform/errors.ts';
import type { Files } from '../../../platform/files.ts';
import { cloudFact } from './cloud-fact.ts';
import { CIDATA_LABELS, DETECT, isNoCloudSerial } from './detect.ts';
import { CLOUD_INIT } from './detection-facts.ts';
import { factsInEc2Words } from './ec2-words.ts';
import { bytesOf, createMetadata, withMetadata } from './metadata.ts';
import { parseNoCloudSerial } from './nocloud-serial.ts';
import { readRegular } from './read-regular.ts';
import {
  type CloudFacts,
  type Source,
  type SourcePorts,
  type SourceResult,
  USER_DATA_BYTES,
} from './source.ts';

/** One file of a seed; `undefined` if it has none of that name. */
type ReadSeed = (name: 'user-data' | 'meta-data') => Promise<Buffer | undefined>;

/** `meta-data` is YAML with EC2's names. */
const factsOf = (bytes: Buffer | undefined): CloudFacts => {
  let told: unknown;
  try {
    told = parse(bytes?.toString('utf8') ?? '', { maxAliasCount: 50, logLevel: 'error' });
  } catch (error) {
    throw new PilotageError('reply-invalid', "NoCloud's meta-data is not YAML", {}, error);
  }
  if (told === null || told === undefined) return {};
  if (typeof told !== 'object' || Array.isArray(told))
    throw new PilotageError('reply-invalid', "NoCloud's meta-data has no keys and values");
  return factsInEc2Words(told as Record<string, unknown>);
};

const readSeed = async (read: ReadSeed): Promise<SourceResult> => {
  const facts = factsOf(await read('meta-data'));
  const userData = await read('user-data');
  // Seeds need both files, and have an empty one where there is no user-data.
  return userData === undefined || userData.length === 0 ? { facts } : { facts, userData };
};

const fromFolder = (files: Files, folder: string): Promise<SourceResult> =>
  readSeed(name => readRegular(files, `${folder}/${name}`, USER_DATA_BYTES));

const fromUrl = (
  ports: SourcePorts,
  { origin, path }: { origin: string; path: string },
  signal: AbortSignal,
): Promise<SourceResult> => {
  const what = `NoCloud's seed at ${origin}`;
  return withMetadata(createMetadata(ports, what, [origin], signal), metadata =>
    readSeed(async name =>
      bytesOf(await metadata.request({ path: `${path}${name}` }), what, `${path}${name}`),
    ),
  );
};

const fromSerial = async (
  ports: SourcePorts,
  serial: string,
  signal: AbortSignal,
): Promise<SourceResult> => {
  const { seed, instanceId } = parseNoCloudSerial(serial);
  if (seed.kind === 'invalid')
    throw new PilotageError(
      'reply-invalid',
      `the firmware's serial number names a seed that is no folder and no address: ${seed.what}`,
    );
  const found =
    seed.kind === 'none'
      ? { facts: {} }
      : seed.kind === 'folder'
        ? await fromFolder(ports.files, seed.path)
        : await fromUrl(ports, seed, signal);
  const given = cloudFact(instanceId);
  return given === undefined ? found : { ...found, facts: { ...found.facts, instanceId: given } };
};

/** cloud-init's NoCloud: "NoCloud" in its reference of datasources. The seed folder, the disk, the serial. */
export const nocloud: Source = {
  name: 'nocloud',
  tells: ['instanceId'],
  detect: DETECT.nocloud,
  fetch: async (ports, signal) => {
    const { cloudInit, labels, dmi } = ports.known;
    const folder = CLOUD_INIT.seeds.find(path => cloudInit.includes(path));
    if (folder !== undefined) return fromFolder(ports.files, folder);
    const label = CIDATA_LABELS.find(known => labels.includes(known));
    if (label !== undefined) return ports.disks.use(label, signal, files => fromFolder(files, ''));
    const serial = dmi.product_serial ?? '';
    return isNoCloudSerial(serial) ? fromSerial(ports, serial, signal) : { facts: {} };
  },
};
