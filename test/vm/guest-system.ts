import { APPTAINER_SOURCES } from '../htcondor/condor-root.ts';

/** A Debian for guests. */
export interface GuestSystem {
  /** Under which it is kept. */
  name: string;
  suite: string;
  /** Beside what every guest has. */
  packages: readonly string[];
  /** apt sources for what the suite itself lacks; what the suite has is taken from there. */
  sources: readonly string[];
  /** Units that it has and that must not start. */
  masked: readonly string[];
}

export const PLAIN_SYSTEM: GuestSystem = {
  name: 'vm-base',
  suite: 'bookworm',
  packages: [],
  sources: [],
  masked: [],
};

/**
 * A site's image with HTCondor 23.9 and Apptainer in it. condor's own service stays off: the pilots bring
 * a master each.
 */
export const CONDOR_SYSTEM: GuestSystem = {
  name: 'vm-condor',
  suite: 'trixie',
  packages: ['condor', 'attr', 'apptainer', 'e2fsprogs'],
  sources: APPTAINER_SOURCES,
  masked: ['condor.service'],
};
