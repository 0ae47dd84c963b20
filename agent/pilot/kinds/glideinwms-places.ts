import type { GlideinwmsPilots } from '../../context/schema/pilot-glideinwms.ts';
import type { PilotRun } from './kind.ts';

export type GlideinwmsRun = PilotRun<GlideinwmsPilots>;

/** A glidein takes the one file of this name in its folder for the token of its pool. */
const TOKEN_NAME = /^credential_.*\.idtoken$/;

const tokenLink = (name: string): string =>
  TOKEN_NAME.test(name) ? name : `credential_${name}.idtoken`;

/** Where the files of one run lie, as paths of the machine, and what the credentials are called. */
export const placesOf = ({ pilots, context, places, slot, unit }: GlideinwmsRun) => {
  const { folder, home, secrets } = places;
  const proxy = pilots.proxy ?? context.glidein?.proxyFile;
  const token = pilots.token ?? context.glidein?.tokenFile;
  const credential = (name: string, as: string) => ({
    path: `${folder}/${as}`,
    as,
    /** The slot user's own copy, which is kept fresh. */
    source: `${secrets}/${slot.user}/${name}`,
  });
  return {
    folder,
    /** As it was fetched; the glidein gets a copy in its own folder, since memory may be `noexec`. */
    script: `${folder}/glidein_startup.sh`,
    /** The glidein's folder on disk, which it makes itself. */
    work: `${home}/glidein-${unit.generation}`,
    proxy: proxy === undefined ? undefined : credential(proxy, 'pilot_proxy'),
    token: token === undefined ? undefined : credential(token, tokenLink(token)),
  };
};
