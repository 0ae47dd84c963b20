import { gunzipSync } from 'node:zlib';
import type { CloudName } from '../../agent/context/user-data/words.ts';

/** What a VM finds where a cloud was given these bytes: the API's base64 undone, and OpenNebula's section. */
export const userDataInVm = (cloud: CloudName, bytes: Buffer, encoding: string): Buffer => {
  const text = bytes.toString('latin1');
  if (cloud === 'opennebula')
    return Buffer.from(/ USER_DATA = "([^"]*)"/.exec(text)?.[1] ?? '', 'base64');
  return encoding.endsWith('base64') ? Buffer.from(text, 'base64') : bytes;
};

/** That, unpacked as cloud-init and the agent do. */
export const unpacked = (bytes: Buffer): string =>
  (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
