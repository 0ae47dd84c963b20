import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setUpCli } from '../../support/receiver-cli.ts';

describe('credentials, by the operator’s commands,', () => {
  const token = `e30.${Buffer.from(JSON.stringify({ exp: Date.UTC(2026, 0, 1, 1) / 1000 })).toString('base64url')}.canary`;

  it('are put from a file or standard input, listed, and removed', async () => {
    const { receiver, folder, cli, cliReading } = await setUpCli();
    expect((await cli('credential', 'list')).stdout).toBe('there are no credentials\n');
    const vm = await receiver.enrol('wn1');
    const file = join(folder, 'credential');
    writeFileSync(file, token);
    const put = await cli('credential', 'put', 'pilot-token', '--file', file, '--site', 'CERN');
    expect(put.stdout).toMatch(
      /^pilot-token for site=CERN put: version [0-9a-f-]{36}, lives for 1h\. VMs learn of it/,
    );
    const piped = ['credential', 'put', 'b.pem', '--file', '-', '--vm', 'wn1', '--vo', 'atlas'];
    const { stdout } = await cliReading('canary-ü\n', ...piped, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'b.pem',
      scope: { vm: vm.vmId, vo: 'atlas' },
      endsAt: null,
      putBy: expect.stringMatching(/^.+@.+ at 127\.0\.0\.1$/),
      replaced: false,
    });
    expect((await cliReading('canary-2', ...piped)).stdout).toContain(' replaced: version ');

    const list = (await cli('credential', 'list')).stdout.split('\n');
    expect(list[0]).toMatch(/^NAME +FOR +STATE +LIVES +PUT +BY +VERSION$/);
    expect(list[1]).toMatch(/^b\.pem +vo=atlas vm=\S+ +usable +\? +2026-01-01T00:00:00\.000Z /);
    expect(list[2]).toMatch(/^pilot-token +site=CERN +usable +for 1h /);
    await receiver.clock.advance(2 * 3_600_000);
    expect((await cli('credential', 'list')).stdout).toMatch(/ site=CERN +ended +ended 1h ago /);

    const remove = ['credential', 'remove', 'pilot-token'];
    expect(await cli(...remove)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('it is there for site=CERN'),
    });
    expect((await cli(...remove, '--site', 'CERN')).stdout).toContain('VMs that have it keep it');
    const left = JSON.parse((await cli('credential', 'list', '--json')).stdout);
    expect(left).toMatchObject([{ name: 'b.pem' }]);
    expect(JSON.stringify([list, left, put])).not.toContain('canary');
  });

  it('are refused where they cannot arrive as they are', async () => {
    const { folder, cli } = await setUpCli();
    const file = join(folder, 'credential');
    const put = async (content: Buffer | string) => {
      writeFileSync(file, content);
      const { exitCode, stderr } = await cli('credential', 'put', 'a', '--file', file);
      return [exitCode, stderr];
    };
    expect(await put(Buffer.from([0x4c, 0xe9]))).toEqual([
      1,
      expect.stringContaining(`${file} is no UTF-8 text`),
    ]);
    expect(await put('')).toEqual([1, expect.stringContaining('content: must not be empty')]);
    expect(await put('x'.repeat(300_000))).toEqual([
      1,
      expect.stringContaining('is larger than 262144 bytes'),
    ]);
    expect((await cli('credential', 'put', 'a', '--file', '/nowhere')).stderr).toContain(
      '/nowhere is missing',
    );
  });
});
