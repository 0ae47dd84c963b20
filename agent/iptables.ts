import { isPilotageError } from '../platform/errors.ts';
import type { Exec } from '../platform/exec.ts';
import type { Files } from '../platform/files.ts';
import type { ClosedService, PacketFilter } from './packet-filter.ts';

const CHAIN = 'PILOTAGE';
const TIMEOUT_MS = 30_000;

/** What leads into our chain: of packets made here all but root's, and all that are forwarded. */
const JUMPS: Readonly<Record<string, readonly string[]>> = {
  OUTPUT: ['-p', 'tcp', '-m', 'owner', '!', '--uid-owner', '0', '-j', CHAIN],
  FORWARD: ['-p', 'tcp', '-j', CHAIN],
};

type Program = 'iptables' | 'ip6tables';
const FAMILIES: readonly { program: Program; holds(address: string): boolean }[] = [
  { program: 'iptables', holds: address => !address.includes(':') },
  { program: 'ip6tables', holds: address => address.includes(':') },
];

const rulesOf = (services: readonly ClosedService[]): string[][] =>
  services.flatMap(({ address, ports }) =>
    ports.map(port => {
      const matches = ['-d', address, '-p', 'tcp', '--dport', String(port)];
      return [...matches, '-j', 'REJECT', '--reject-with', 'tcp-reset'];
    }),
  );

/** One family's program, told one thing at a time; `-w` waits for whoever else is at it. */
const createTable = (exec: Exec, program: Program) => {
  const run = (...args: string[]) => exec.run(program, ['-w', ...args], { timeoutMs: TIMEOUT_MS });
  const succeeds = async (...args: string[]): Promise<boolean> => {
    try {
      await run(...args);
      return true;
    } catch (error) {
      if (isPilotageError(error) && error.context.exitCode !== undefined) return false;
      throw error;
    }
  };
  /** The places, from 1 on, of the rules of a chain that jump into ours. */
  const placesOfJumps = async (hook: string): Promise<number[]> => {
    const { stdout } = await run('-S', hook);
    return stdout
      .split('\n')
      .filter(line => line.startsWith(`-A ${hook} `))
      .flatMap((line, index) => (line.endsWith(` -j ${CHAIN}`) ? [index + 1] : []));
  };
  return {
    fill: async (rules: readonly string[][]): Promise<void> => {
      if (!(await succeeds('-n', '-L', CHAIN))) await run('-N', CHAIN);
      for (const rule of rules)
        if (!(await succeeds('-C', CHAIN, ...rule))) await run('-A', CHAIN, ...rule);
    },
    /** Before every other rule, since an earlier one could accept; never absent in between. */
    jumpFirst: async (): Promise<void> => {
      for (const [hook, jump] of Object.entries(JUMPS)) {
        const places = await placesOfJumps(hook);
        if (places[0] !== 1) await run('-I', hook, '1', ...jump);
        const spare = places[0] === 1 ? places.slice(1) : places.map(place => place + 1);
        for (const place of spare.toReversed()) await run('-D', hook, String(place));
      }
    },
    isWhole: async (rules: readonly string[][]): Promise<boolean> => {
      for (const hook of Object.keys(JUMPS)) if ((await placesOfJumps(hook))[0] !== 1) return false;
      for (const rule of rules) if (!(await succeeds('-C', CHAIN, ...rule))) return false;
      return true;
    },
    remove: async (): Promise<void> => {
      for (const hook of Object.keys(JUMPS))
        for (const place of (await placesOfJumps(hook)).toReversed())
          await run('-D', hook, String(place));
      if (!(await succeeds('-n', '-L', CHAIN))) return;
      await run('-F', CHAIN);
      await run('-X', CHAIN);
    },
  };
};

/** By iptables, and by ip6tables where the kernel speaks IPv6. */
export const createIptables = (files: Files, exec: Exec): PacketFilter => {
  const tables = async () => {
    const hasIpv6 = (await files.facts('/proc/net/if_inet6')) !== undefined;
    return FAMILIES.filter(({ program }) => hasIpv6 || program === 'iptables').map(
      ({ program, holds }) => ({ table: createTable(exec, program), holds }),
    );
  };
  const rulesFor = (services: readonly ClosedService[], holds: (address: string) => boolean) =>
    rulesOf(services.filter(({ address }) => holds(address)));
  return {
    close: async services => {
      for (const { table, holds } of await tables()) {
        await table.fill(rulesFor(services, holds));
        await table.jumpFirst();
      }
    },
    open: async () => {
      for (const { table } of await tables()) await table.remove();
    },
    isClosed: async services => {
      try {
        for (const { table, holds } of await tables())
          if (!(await table.isWhole(rulesFor(services, holds)))) return false;
        return true;
      } catch (error) {
        if (isPilotageError(error)) return false;
        throw error;
      }
    },
  };
};
