import { describe, expect, it } from 'vitest';
import { pollUntil } from '../../support/poll-until.ts';
import { setUpCli } from '../../support/receiver-cli.ts';

describe('the operator’s orders', () => {
  it('give any order to one VM, to several, or to those that are chosen', async () => {
    const { receiver, cli } = await setUpCli();
    const one = await receiver.enrol('wn1');
    const two = await receiver.enrol('wn2');
    const gone = await receiver.enrol('wn3');
    await gone.beat({ state: 'halted' });
    await cli('end-pilot', 'wn1', 'wn2', '--pilot', '00-3', '--no-restart', '--reason', 'hangs');
    await cli('pace', '--site', 'CERN', '--every', '5s', '--for', '1h');
    expect((await cli('signal', '--all', '--vo', 'atlas', '--signal', 'HUP')).stdout).toBe(
      'no VM is meant\n',
    );
    for (const vm of [one, two])
      expect((await vm.beat()).directives).toMatchObject([
        { kind: 'end-pilot', pilot: '00-3', mode: 'graceful', restart: false, reason: 'hangs' },
        { kind: 'pace', everyMs: 5000, forMs: 3_600_000 },
      ]);
    expect((await gone.beat({ state: 'halted' })).directives).toEqual([]);

    const both = await cli('undrain', 'wn1', 'nobody');
    expect(both).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('undrain') });
    expect(both.stderr).toContain('nobody: no VM has an id');
    expect(both.stderr).toContain('undrain: nothing came of it on 1 of 2 VMs');
    expect((await cli('undrain', 'wn1', '--all')).exitCode).toBe(64);
    const audit = (await cli('directives')).stdout.split('\n');
    expect(audit[0]).toMatch(/^GIVEN +VM +WHAT +BY +REASON +OUTCOME +ACKNOWLEDGED +DETAIL$/);
    expect(audit.filter(line => line.includes('end-pilot 00-3, no restart'))).toHaveLength(2);
    expect(audit.join()).toMatch(/pace 5s for 1h +\S+@\S+ at 127\.0\.0\.1 +sent/);
  });

  it('look at the pilot that runs a job', async () => {
    const { receiver, cli } = await setUpCli();
    const vm = await receiver.enrol('wn1');
    const pilots = [
      { slot: '00', generation: 3, state: 'running' as const, cores: 1, jobs: ['1234.0'] },
      { slot: '01', generation: 7, state: 'running' as const, cores: 1, jobs: ['87654', '1235.0'] },
    ];
    await vm.beat({ pilots });
    const unknown = await cli('peek', 'wn1', '99.9', 'ps');
    expect(unknown).toMatchObject({ exitCode: 1, stdout: '' });
    expect(unknown.stderr).toContain(
      'no pilot and no job 99.9; of jobs there are: 1234.0, 87654, 1235.0',
    );
    const looking = Promise.all([
      cli('peek', 'wn1', '1234.0', 'ps'),
      cli('peek', 'wn1', 'job:87654', 'ps'),
    ]);
    const asked = await pollUntil('both looks', { timeoutMs: 30_000, everyMs: 50 }, async () => {
      const { directives } = await vm.beat({ pilots });
      return directives.length === 2 ? directives : undefined;
    });
    expect(asked.map(look => 'pilot' in look && look.pilot).sort()).toEqual(['00-3', '01-7']);
    const detail = 'the context of this VM lets nothing be looked at';
    const acknowledged = asked.map(({ id }) => ({ id, outcome: 'refused' as const, detail }));
    await vm.beat({ pilots, acknowledged });
    for (const { stderr } of await looking) expect(stderr).toContain(detail);
  });

  it('wait for what becomes of an order', async () => {
    const { receiver, cli } = await setUpCli();
    const vm = await receiver.enrol('wn1');
    const waiting = cli('reload', 'wn1', '--wait');
    const { id } = await pollUntil('the order', { timeoutMs: 30_000, everyMs: 50 }, async () => {
      const { directives } = await vm.beat();
      return directives[0];
    });
    const detail = 'site.yaml:3: pilot: unknown key';
    await vm.beat({ acknowledged: [{ id, outcome: 'refused', detail }] });
    expect(await waiting).toMatchObject({
      exitCode: 1,
      stdout: `reload-context ${vm.vmId} (wn1): refused: ${detail}\n`,
    });
  });
});
