import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { opennebula } from '../../../../../agent/context/sources/opennebula.ts';
import { createSourcePorts } from '../../../../support/source-ports.ts';

const DISK = '/dev/disk/by-label/CONTEXT';
const fetch = async (text?: string | Buffer) => {
  const ports = createSourcePorts();
  await ports.files.makeDirectory(DISK, { mode: 0o755 });
  if (text !== undefined) writeFileSync(ports.files.locate(`${DISK}/context.sh`), text);
  return opennebula.fetch(ports, AbortSignal.timeout(9000));
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const CONTEXT = 'version: 1\n';

describe('opennebula', () => {
  test('tells its number and its address', async () => {
    expect(await fetch("VMID='42'\nETH0_IP='10.0.0.5'\nNETWORK='YES'\n")).toEqual({
      facts: { instanceId: '42', localIp: '10.0.0.5' },
    });
  });

  test.each([
    ['as it is', `USER_DATA='${CONTEXT}'`],
    ['in base64', `USER_DATA='${base64(CONTEXT)}'\nUSER_DATA_ENCODING='base64'`],
    ['by its other name', `USERDATA='${base64(CONTEXT)}'\nUSERDATA_ENCODING='base64'`],
    ['in base64 of old', `EC2_USER_DATA="${base64(CONTEXT)}"`],
    ['plain of old', `EC2_USER_DATA='${CONTEXT}'`],
    ['both, the newer one', `EC2_USER_DATA='no'\nUSER_DATA='${CONTEXT}'`],
    ['both, the newer one empty', `EC2_USER_DATA='${CONTEXT}'\nUSER_DATA=''`],
  ])('gives user-data: %s', async (_what, text) => {
    expect(String((await fetch(text)).userData)).toBe(CONTEXT);
  });

  test('empty user-data is none', async () => {
    expect(await fetch("USER_DATA=''\nEC2_USER_DATA=''")).toEqual({ facts: {} });
  });

  test.each<[string, string | Buffer | undefined, string]>([
    ['no context.sh', undefined, 'holds no context.sh'],
    ['a command in it', "VMID='1'\nUSER_DATA=$(cat /etc/shadow)\n", 'context.sh:2: USER_DATA='],
    ['an open quote', "USER_DATA='", 'context.sh:1: '],
    ['a NUL byte', Buffer.from("A='\0'"), 'context.sh:1: holds a NUL byte'],
    ['base64 that is none', "USER_DATA='*'\nUSER_DATA_ENCODING='base64'", 'not base64'],
  ])('refuses %s', async (_what, text, said) => {
    await expect(fetch(text)).rejects.toMatchObject({
      code: 'reply-invalid',
      message: expect.stringContaining(said),
    });
  });

  test('refuses what is too large', async () => {
    await expect(fetch('#'.repeat(1024 * 1024 + 1))).rejects.toMatchObject({
      code: 'file-too-large',
    });
  });

  test('fails where the disk cannot be opened', async () => {
    const ports = createSourcePorts();
    await expect(opennebula.fetch(ports, AbortSignal.timeout(9000))).rejects.toMatchObject({
      code: 'file-failed',
      message: expect.stringContaining('CONTEXT'),
    });
  });
});
