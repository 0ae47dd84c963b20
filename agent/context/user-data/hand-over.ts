import { CLOUDS } from './clouds.ts';
import type { Packed } from './pack.ts';
import type { CloudName, Form } from './words.ts';

/** OpenNebula's templates quote in double quotes; base64 needs no escape in them. */
const contextSection = (base64: string): string =>
  [
    'CONTEXT = [',
    '  NETWORK = "YES",',
    '  USER_DATA_ENCODING = "base64",',
    `  USER_DATA = "${base64}" ]`,
    '',
  ].join('\n');

/** What goes to the cloud: the user-data itself, or what its template is to hold of it. */
export const handedOver = (cloud: CloudName, { bytes }: Packed): Buffer =>
  cloud === 'opennebula' ? Buffer.from(contextSection(bytes.toString('latin1'))) : bytes;

/** `OpenStack: 1234 of 65535 bytes, gzip; openstack server create --user-data FILE` */
export const describeHandOver = (
  cloud: CloudName,
  form: Form,
  { encoding, counted, limit }: Packed,
  file: string | undefined,
): string => {
  const { title, handOver } = CLOUDS[cloud];
  const how = handOver(form, encoding).replaceAll('FILE', () => file ?? 'FILE');
  return `${title}: ${counted} of ${limit.bytes} bytes, ${encoding === 'none' ? 'as it is' : encoding}; ${how}`;
};

/** NoCloud's meta-data; a new id is a new VM to cloud-init and to the agent. */
export const metaDataFor = (instanceId: string): string =>
  `instance-id: ${instanceId}\nlocal-hostname: ${instanceId}\n`;
