import { errnoOf, isPilotageError, messageOf, PilotageError } from '../platform/errors.ts';

/** TCP ports of an address that nobody but root may reach. */
export interface ClosedService {
  /** IPv4 or IPv6. */
  readonly address: string;
  readonly ports: readonly number[];
}

/** The machine's packet filter, as far as it keeps all but root from certain services. */
export interface PacketFilter {
  /** Rejects TCP to these, of other users and of what is forwarded; twice is as once. */
  close(services: readonly ClosedService[]): Promise<void>;
  /** Takes all of that back. */
  open(): Promise<void>;
  isClosed(services: readonly ClosedService[]): Promise<boolean>;
}

const isAbsent = (error: unknown): boolean =>
  isPilotageError(error) && error.code === 'command-failed' && errnoOf(error.cause) === 'ENOENT';

/**
 * The first filter that this machine has and whose kernel takes the rules. Fails with `step-failed` where
 * there is none.
 */
export const createPacketFilter = (filters: readonly PacketFilter[]): PacketFilter => ({
  close: async services => {
    const failures: string[] = [];
    for (const filter of filters)
      try {
        return await filter.close(services);
      } catch (error) {
        if (!isPilotageError(error)) throw error;
        if (!isAbsent(error)) failures.push(messageOf(error));
      }
    const why = failures.length === 0 ? 'there is neither nft nor iptables' : failures.join('; ');
    throw new PilotageError(
      'step-failed',
      `${why}; remedy: put nftables into the image, or leave the service open with metadata: {close: false}`,
    );
  },
  // Whichever it was closed with, even if the other has come since.
  open: async () => {
    for (const filter of filters)
      try {
        await filter.open();
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
  },
  isClosed: async services => {
    for (const filter of filters) if (await filter.isClosed(services)) return true;
    return false;
  },
});
