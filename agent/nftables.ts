import { isPilotageError } from '../platform/errors.ts';
import type { Exec } from '../platform/exec.ts';
import type { Files } from '../platform/files.ts';
import type { ClosedService, PacketFilter } from './packet-filter.ts';
import { PATHS } from './paths.ts';

const TABLE = 'inet pilotage';
const TIMEOUT_MS = 30_000;

/** Adding what may be there already makes the removal sure to succeed; all of it is one transaction. */
const REMOVAL = `add table ${TABLE}\ndelete table ${TABLE}\n`;

/**
 * A table of our own, as nft(8) reads it: no other table can let pass what one has rejected. A socket's
 * owner is its user outside any user namespace, so that the root of a container is none here; what is
 * forwarded has no owner, so none of it passes.
 */
export const nftRules = (services: readonly ClosedService[]): string => {
  const rejected = services.map(({ address, ports }) => {
    const family = address.includes(':') ? 'ip6' : 'ip';
    return `    ${family} daddr ${address} tcp dport { ${ports.join(', ')} } reject with tcp reset\n`;
  });
  return [
    REMOVAL,
    `table ${TABLE} {\n`,
    '  chain closed {\n',
    ...rejected,
    '  }\n',
    '  chain output {\n',
    '    type filter hook output priority 0; policy accept;\n',
    '    meta skuid != 0 jump closed\n',
    '  }\n',
    '  chain forward {\n',
    '    type filter hook forward priority 0; policy accept;\n',
    '    jump closed\n',
    '  }\n',
    '}\n',
  ].join('');
};

/** By the program nft. Each call fails with `command-failed` where there is none. */
export const createNftables = (exec: Exec): PacketFilter => {
  const load = async (input: string): Promise<void> => {
    await exec.run('nft', ['-f', '-'], { timeoutMs: TIMEOUT_MS, input });
  };
  return {
    close: services => load(nftRules(services)),
    open: () => load(REMOVAL),
    isClosed: async services => {
      try {
        const args = ['list', 'table', ...TABLE.split(' ')];
        const { stdout } = await exec.run('nft', args, { timeoutMs: TIMEOUT_MS });
        const parts = ['hook output', 'hook forward', ...services.map(({ address }) => address)];
        return parts.every(part => stdout.includes(part));
      } catch (error) {
        if (isPilotageError(error)) return false;
        throw error;
      }
    },
  };
};

/** A folder has no network: what nft would be told is written down. */
export const createFolderPacketFilter = (files: Files): PacketFilter => ({
  close: async services => {
    await files.makeDirectory(PATHS.run, { mode: 0o755 });
    await files.write(PATHS.packetFilter, nftRules(services), { mode: 0o600 });
  },
  open: () => files.remove(PATHS.packetFilter),
  isClosed: async services =>
    (await files.read(PATHS.packetFilter, 64 * 1024)) === nftRules(services),
});
