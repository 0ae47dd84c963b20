import { describe, expect, test } from 'vitest';
import { CVMFS_CONFIG } from '../../../../agent/context/software.ts';
import { rediscoverSquids } from '../../../../agent/errands/rediscover-squids.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import type { ExecOptions } from '../../../../platform/exec.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { contextOf } from '../monitor/worlds.ts';

const MOUNTS = `cvmfs2 /cvmfs/atlas.cern.ch fuse ro 0 0\n/dev/sda1 / ext4 rw 0 0\n`;
const INFO =
  'Load-balance groups:\n[0] http://squid.example.org:3128\nActive proxy: [0] http://squid.example.org:3128\n';

const setUp = async ({ mounts = MOUNTS, hasClient = true, talk = INFO as string | null } = {}) => {
  const files = createMemoryFiles();
  for (const folder of ['/proc', '/usr/bin']) await files.makeDirectory(folder, { mode: 0o755 });
  await files.write('/proc/mounts', mounts, { mode: 0o444 });
  if (hasClient) await files.write(CVMFS_CONFIG, '', { mode: 0o755 });
  const ran: string[] = [];
  const exec = {
    run: async (program: string, args: readonly string[], _: ExecOptions) => {
      ran.push([program, ...args].join(' '));
      if (program !== 'cvmfs_talk') return { exitCode: 0, stdout: '', stderr: '' };
      if (talk === null) throw new PilotageError('command-failed', 'Connection refused');
      return { exitCode: 0, stdout: talk, stderr: '' };
    },
  };
  return { ports: { files, exec, kind: 'systemd' as const }, ran };
};
const cvmfsOf = (proxies: string) =>
  contextOf({ cvmfs: { repositories: ['atlas.cern.ch'], proxies } });
const NEVER = new AbortController().signal;

describe('rediscovering squids', () => {
  test('has the clients read their configuration anew, and tells which proxy each found', async () => {
    const { ports, ran } = await setUp();
    expect(await rediscoverSquids(ports, cvmfsOf('auto;DIRECT'), NEVER)).toEqual({
      outcome: 'done',
      detail: 'asked anew: atlas.cern.ch by http://squid.example.org:3128',
    });
    expect(ran).toEqual([`${CVMFS_CONFIG} reload`, 'cvmfs_talk -i atlas.cern.ch proxy info']);
  });

  test.each([
    ['No proxies defined\n', 'none'],
    ['Active proxy: [0] \u001b[2Jhttp://evil\n', 'none'],
    [null, 'unknown'],
  ])('and where the client says %j, that', async (talk, told) => {
    const { ports } = await setUp({ talk });
    const { detail } = await rediscoverSquids(ports, cvmfsOf('auto'), NEVER);
    expect(detail).toBe(`asked anew: atlas.cern.ch by ${told}`);
  });

  test('leaves it to the next mount where nothing is mounted', async () => {
    const { ports, ran } = await setUp({ mounts: '' });
    expect(await rediscoverSquids(ports, cvmfsOf('auto'), NEVER)).toMatchObject({
      outcome: 'done',
      detail: 'nothing is mounted; the next mount asks anew',
    });
    expect(ran).toEqual([]);
  });

  test.each([
    ['the context names them', cvmfsOf('http://squid.example.org:3128'), true, 'names its squids'],
    ['there is no CVMFS', contextOf(), true, 'no CVMFS'],
    ['there is no client', cvmfsOf('auto'), false, 'no CVMFS client is here'],
  ])('is refused where %s', async (_what, context, hasClient, why) => {
    const { ports, ran } = await setUp({ hasClient });
    expect(await rediscoverSquids(ports, context, NEVER)).toEqual({
      outcome: 'refused',
      detail: expect.stringContaining(why),
    });
    expect(ran).toEqual([]);
  });
});
