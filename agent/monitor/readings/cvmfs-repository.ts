import type { Exec } from '../../../platform/exec.ts';
import { FAILED, measured, type Reading } from '../../reading.ts';

/** What the client has counted since a repository was mounted. */
export interface RepositoryCounters {
  ioErrors: number;
  receivedBytes: number;
}

/** The first look may have the automounter mount it, which fetches its catalogue. */
export const MOST_MS = 30_000;

/**
 * A child looks, and is killed in time, since a dead mount hangs whoever looks at it. The extended attributes
 * are those that the client makes up for the root of a repository; getfattr(1) comes with it.
 */
const LOOK = `
cd -- "$1/" || exit 1
set -- *
[ "$*" != '*' ] || { echo 'nothing is mounted there' >&2; exit 1; }
for name in nioerr rx; do
  getfattr --absolute-names --only-values -n "user.$name" . 2>/dev/null || exit 0
  echo " $name"
done
`;

/**
 * `undefined`: it has no counters, as what is no mount of the client's has none.
 * @param said `3 nioerr` and `1024 rx`, each on its line; rx counts KiB
 */
export const parseCounters = (said: string): Reading<RepositoryCounters> | undefined => {
  if (said === '') return undefined;
  const [, ioErrors, receivedKib] = /^(\d+) nioerr\n(\d+) rx\n$/.exec(said) ?? [];
  if (ioErrors === undefined) return FAILED;
  return measured({ ioErrors: Number(ioErrors), receivedBytes: Number(receivedKib) * 1024 });
};

/** Fails where the repository does not answer, with `command-timeout` where it hangs. */
export const askRepository = async (
  path: string,
  { exec }: { exec: Exec },
): Promise<Reading<RepositoryCounters> | undefined> => {
  const options = { timeoutMs: MOST_MS, maxOutputBytes: 4096 };
  return parseCounters((await exec.run('/bin/sh', ['-c', LOOK, 'sh', path], options)).stdout);
};
