import { messageOf } from '../../platform/errors.ts';
import type { CredentialOffer } from '../../protocol/credential.ts';
import type { CredentialLife } from './describe-life.ts';
import {
  createRefresher,
  type KeptCredential,
  type Refresher,
  type RefresherPorts,
} from './refresher.ts';

/** All credentials of a VM, each kept fresh by itself. */
export interface CredentialKeeper {
  /** Until the signal. */
  run(signal: AbortSignal): Promise<void>;
  offered(offers: readonly CredentialOffer[]): void;
  lives(): CredentialLife[];
}

/** What goes wrong with one by a mistake of ours is told, and stops none of the others. */
export const createCredentialKeeper = (
  kept: readonly KeptCredential[],
  ports: RefresherPorts,
  spread: number,
  troubled: () => void,
): CredentialKeeper => {
  const refreshers = kept.map(one => createRefresher(one, ports, spread, troubled));
  const runOne = (refresher: Refresher, signal: AbortSignal): Promise<void> =>
    refresher
      .run(signal)
      .catch((error: unknown) =>
        ports.log.error(
          { credential: refresher.life().name, error: messageOf(error) },
          'a credential is not kept fresh any more',
        ),
      );
  return {
    run: async signal => {
      await Promise.all(refreshers.map(refresher => runOne(refresher, signal)));
    },
    offered: offers => {
      for (const refresher of refreshers) refresher.offered(offers);
    },
    lives: () => refreshers.map(refresher => refresher.life()),
  };
};
