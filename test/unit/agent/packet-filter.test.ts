import { describe, expect, test } from 'vitest';
import { NO_HOOKS } from '../../../agent/context/hook-paths.ts';
import { noticesOf } from '../../../agent/context/notices.ts';
import { parseContext } from '../../../agent/context/parse.ts';
import { planContext } from '../../../agent/context/plan.ts';
import type { StepOf } from '../../../agent/context/step.ts';
import { createIptables } from '../../../agent/iptables.ts';
import { createNftables, nftRules } from '../../../agent/nftables.ts';
import { createPacketFilter } from '../../../agent/packet-filter.ts';
import { PilotageError } from '../../../platform/errors.ts';
import type { Exec } from '../../../platform/exec.ts';
import { createFolderMachine } from '../../support/folder-machine.ts';
import { createMemoryFiles } from '../../support/memory-files.ts';
import { createStepPorts, outcomesOf } from '../../support/step-ports.ts';

const SERVICES = [
  { address: '169.254.169.254', ports: [80, 443] },
  { address: 'fd00:ec2::254', ports: [80] },
];

/** Both programs as far as they are used, each with its chains of rules, in the words of `-S`. */
const createFakeIptables = () => {
  const tables: Record<string, Record<string, string[]>> = {
    iptables: { OUTPUT: [], FORWARD: [] },
    ip6tables: { OUTPUT: [], FORWARD: [] },
  };
  const fail = (exitCode: number): never => {
    throw new PilotageError('command-failed', 'refused', { exitCode });
  };
  const run = (chains: Record<string, string[]>, [verb = '', name = '', ...rest]: string[]) => {
    const rules = chains[name] ?? [];
    if (verb === '-N') chains[name] = name in chains ? fail(1) : [];
    else if (!(name in chains)) fail(1);
    else if (verb === '-A') rules.push(rest.join(' '));
    else if (verb === '-I') rules.splice(Number(rest[0]) - 1, 0, rest.slice(1).join(' '));
    else if (verb === '-D') rules.splice(Number(rest[0]) - 1, 1);
    else if (verb === '-F') rules.length = 0;
    else if (verb === '-X') delete chains[name];
    else if (verb === '-C') rules.includes(rest.join(' ')) || fail(1);
    return `-P ${name} ACCEPT\n${rules.map(rule => `-A ${name} ${rule}\n`).join('')}`;
  };
  const exec: Exec = {
    run: async (program, [wait, ...args]) => {
      expect(wait).toBe('-w');
      const listed = args[0] === '-n' ? ['-S', args[2] ?? ''] : args;
      return { exitCode: 0, stdout: run(tables[program] ?? {}, listed), stderr: '' };
    },
  };
  return { exec, tables };
};

const withIpv6 = async () => {
  const files = createMemoryFiles();
  await files.makeDirectory('/proc/net', { mode: 0o755 });
  await files.write('/proc/net/if_inet6', '', { mode: 0o444 });
  return files;
};

test('nft gets one transaction that replaces our own table, and no other', () => {
  expect(nftRules(SERVICES)).toBe(`add table inet pilotage
delete table inet pilotage
table inet pilotage {
  chain closed {
    ip daddr 169.254.169.254 tcp dport { 80, 443 } reject with tcp reset
    ip6 daddr fd00:ec2::254 tcp dport { 80 } reject with tcp reset
  }
  chain output {
    type filter hook output priority 0; policy accept;
    meta skuid != 0 jump closed
  }
  chain forward {
    type filter hook forward priority 0; policy accept;
    jump closed
  }
}
`);
});

describe('iptables', () => {
  const closed = (addresses: readonly string[][]) => ({
    OUTPUT: ['-p tcp -m owner ! --uid-owner 0 -j PILOTAGE'],
    FORWARD: ['-p tcp -j PILOTAGE'],
    PILOTAGE: addresses.map(
      ([address, port]) => `-d ${address} -p tcp --dport ${port} -j REJECT --reject-with tcp-reset`,
    ),
  });

  test('rejects for both families, twice as once, and takes all of it back', async () => {
    const { exec, tables } = createFakeIptables();
    const filter = createIptables(await withIpv6(), exec);
    expect(await filter.isClosed(SERVICES)).toBe(false);
    for (let run = 0; run < 2; run += 1) {
      await filter.close(SERVICES);
      expect(tables).toEqual({
        iptables: closed([
          ['169.254.169.254', '80'],
          ['169.254.169.254', '443'],
        ]),
        ip6tables: closed([['fd00:ec2::254', '80']]),
      });
      expect(await filter.isClosed(SERVICES)).toBe(true);
    }
    for (let run = 0; run < 2; run += 1) {
      await filter.open();
      expect(tables).toEqual({
        iptables: { OUTPUT: [], FORWARD: [] },
        ip6tables: { OUTPUT: [], FORWARD: [] },
      });
    }
  });

  test('goes before a rule that was put first, once', async () => {
    const { exec, tables } = createFakeIptables();
    const filter = createIptables(createMemoryFiles(), exec);
    await filter.close(SERVICES);
    tables.iptables?.OUTPUT?.unshift('-p tcp -j ACCEPT');
    tables.iptables?.OUTPUT?.push('-p tcp -j PILOTAGE');
    expect(await filter.isClosed(SERVICES)).toBe(false);
    await filter.close(SERVICES);
    expect(tables.iptables?.OUTPUT).toEqual([
      '-p tcp -m owner ! --uid-owner 0 -j PILOTAGE',
      '-p tcp -j ACCEPT',
    ]);
  });

  test('leaves IPv6 alone where the kernel has none', async () => {
    const { exec, tables } = createFakeIptables();
    await createIptables(createMemoryFiles(), exec).close(SERVICES);
    expect(tables.ip6tables).toEqual({ OUTPUT: [], FORWARD: [] });
  });
});

describe('of the filters that a machine may have', () => {
  const absent: Exec = {
    run: async program => {
      const cause = Object.assign(new Error(`spawn ${program} ENOENT`), { code: 'ENOENT' });
      throw new PilotageError('command-failed', `cannot start ${program}`, {}, cause);
    },
  };
  const refusing: Exec = {
    run: async program => {
      throw new PilotageError('command-failed', `${program}: Operation not permitted`, {
        exitCode: 1,
      });
    },
  };
  const both = (nft: Exec, iptables: Exec) =>
    createPacketFilter([createNftables(nft), createIptables(createMemoryFiles(), iptables)]);

  test.each([
    ['is not there', absent],
    ['is of no use', refusing],
  ])('the second is taken where the first %s', async (_why, first) => {
    const { exec, tables } = createFakeIptables();
    const filter = both(first, exec);
    await filter.close(SERVICES);
    expect(tables.iptables?.PILOTAGE).toHaveLength(2);
    expect(await filter.isClosed(SERVICES)).toBe(true);
  });

  test('none is a failure with a remedy; nothing is left to take back', async () => {
    const filter = both(absent, absent);
    await expect(filter.close(SERVICES)).rejects.toMatchObject({
      code: 'step-failed',
      message:
        'there is neither nft nor iptables; remedy: put nftables into the image, or leave the service open with metadata: {close: false}',
    });
    expect(await filter.isClosed(SERVICES)).toBe(false);
    await filter.open();
  });

  test('what one says goes into the failure', async () => {
    await expect(both(refusing, absent).close(SERVICES)).rejects.toThrow(
      'nft: Operation not permitted; remedy:',
    );
  });
});

describe('the metadata service', () => {
  const pilots = { kind: 'command', command: ['/bin/pilot'] };
  const parsed = (context: object) =>
    parseContext([{ name: 'c', text: JSON.stringify({ version: 1, ...context }) }]);
  const planned = (context: object, metadataService: boolean) =>
    planContext(parsed(context).context, {
      instanceId: 'i-1',
      cores: 1,
      memoryMb: 1000,
      hooks: NO_HOOKS,
      metadataService,
    }).filter((step): step is StepOf<'metadata-closed'> => step.kind === 'metadata-closed');

  test.each([
    [{ pilots }, true, 1],
    [{ pilots }, false, 0],
    [{}, true, 0],
    [{ metadata: { close: true } }, false, 1],
    [{ pilots, metadata: { close: false } }, true, 0],
    [{ pilots, metadata: {} }, true, 1],
  ])('%j with one: %s', (context, metadataService, steps) => {
    expect(planned(context, metadataService)).toHaveLength(steps);
  });

  test('left open to pilots is told beforehand', () => {
    expect(noticesOf(parsed({ pilots, metadata: { close: false } }))).toEqual([
      'c:1: metadata.close: pilots and payloads can read the user-data and the role of the VM',
    ]);
    expect(noticesOf(parsed({ metadata: { close: false } }))).toEqual([]);
  });

  test('is closed after each boot, and again where somebody has opened it', async () => {
    const { files } = createFolderMachine();
    const ports = createStepPorts(files);
    const steps = planned({ metadata: { close: true } }, true);
    expect(await outcomesOf(steps, ports)).toEqual({ 'metadata-closed': 'done' });
    expect(await outcomesOf(steps, ports)).toEqual({ 'metadata-closed': 'spared' });
    await ports.packetFilter.open();
    expect(await outcomesOf(steps, ports)).toEqual({ 'metadata-closed': 'done' });
    expect(await outcomesOf([], ports)).toEqual({ 'metadata-closed': 'undone' });
    expect(await ports.packetFilter.isClosed(steps[0]?.services ?? [])).toBe(false);
  });
});
