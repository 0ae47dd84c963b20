import type { Clock } from '../../../platform/clock.ts';
import { messageOf } from '../../../platform/errors.ts';
import type { Exec } from '../../../platform/exec.ts';
import type { Files } from '../../../platform/files.ts';
import type { Log } from '../../../platform/log.ts';
import { FAILED, measured, NO_DATA, type Reading } from '../../reading.ts';
import type { Readings } from '../snapshot.ts';
import { askRepository, type RepositoryCounters } from './cvmfs-repository.ts';
import type { DearReading } from './dear.ts';
import { hangingPid, type IsLeft, isGroupLeft } from './hanging.ts';

/** Each costs a child, so of many just some are asked at a time. */
const AT_ONCE = 8;
/** After so long no further one is begun to be asked: the one before may take half a minute. */
const ROUND_MS = 60_000;

interface Sample {
  atMs: number;
  counters: Reading<RepositoryCounters>;
}

interface Repository {
  isMounted: boolean;
  /** A look at it that was killed and has not died. */
  hanging?: number;
  /** Absent where it has no counters. */
  sample?: Sample;
  /** Between its last two answers. */
  moved?: Reading<{ errors: number; bytesPerS: number }>;
}

type Moved = NonNullable<Repository['moved']>;

/** One that was mounted anew counts from nothing. */
const grown = (before: number, now: number): number => (now < before ? now : now - before);

const movedSince = (before: Sample | undefined, now: Sample): Moved => {
  if (!now.counters.ok) return now.counters;
  const elapsedMs = before === undefined ? 0 : now.atMs - before.atMs;
  if (before === undefined || !before.counters.ok || elapsedMs <= 0) return NO_DATA;
  const [then, since] = [before.counters.value, now.counters.value];
  return measured({
    errors: grown(then.ioErrors, since.ioErrors),
    bytesPerS: (grown(then.receivedBytes, since.receivedBytes) / elapsedMs) * 1000,
  });
};

/** Whether the repositories of the context answer, and what their counters have moved by. */
export const createCvmfsReading = (
  { exec, files, clock, log }: { exec: Exec; files: Files; clock: Clock; log: Log },
  isLeft: IsLeft = isGroupLeft,
): DearReading => {
  const known = new Map<string, Repository>();
  let next = 0;

  const ask = async (name: string): Promise<Repository> => {
    const before = known.get(name);
    // It would hang one more child, and each of them counts as load.
    if (before?.hanging !== undefined && isLeft(before.hanging)) return before;
    try {
      const counters = await askRepository(files.locate(`/cvmfs/${name}`), { exec });
      if (before?.isMounted === false) log.info({ repository: name }, 'a repository answers again');
      if (counters === undefined) return { isMounted: true };
      const sample = { counters, atMs: clock.monotonicMs() };
      const moved = movedSince(before?.sample, sample);
      return { isMounted: true, sample, moved };
    } catch (error) {
      if (before?.isMounted !== false)
        log.warn({ repository: name, error: messageOf(error) }, 'a repository does not answer');
      const hanging = hangingPid(error);
      return { isMounted: false, ...(hanging === undefined ? {} : { hanging }) };
    }
  };

  /** Where some are new, what the others have moved by is known; where some failed, the sum is not. */
  const readingsOf = (repositories: readonly Repository[]): Partial<Readings> => {
    const cvmfs = measured(repositories.every(({ isMounted }) => isMounted) ? 1 : 0);
    const moved = repositories.flatMap(repository => repository.moved ?? []);
    if (moved.length === 0) return { cvmfs };
    const sum = (of: (by: { errors: number; bytesPerS: number }) => number): Reading => {
      if (moved.some(each => !each.ok && each.reason === 'failed')) return FAILED;
      const values = moved.flatMap(each => (each.ok ? of(each.value) : []));
      return values.length === 0 ? NO_DATA : measured(values.reduce((all, one) => all + one, 0));
    };
    return {
      cvmfs,
      cvmfsErrors: sum(({ errors }) => errors),
      cvmfsBytesPerS: sum(({ bytesPerS }) => bytesPerS),
    };
  };

  return {
    what: 'CVMFS',
    names: ['cvmfs', 'cvmfsErrors', 'cvmfsBytesPerS'],
    everyMs: 120_000,
    timeoutMs: 100_000,
    question: ({ context: { cvmfs, checks } }) => {
      if (cvmfs === undefined || checks.skip.includes('cvmfs')) return undefined;
      const { repositories } = cvmfs;
      return async () => {
        const endMs = clock.monotonicMs() + ROUND_MS;
        const count = Math.min(AT_ONCE, repositories.length);
        for (let asked = 0; asked < count && clock.monotonicMs() < endMs; asked += 1, next += 1) {
          const name = repositories[next % repositories.length] ?? '';
          known.set(name, await ask(name));
        }
        return readingsOf(repositories.flatMap(name => known.get(name) ?? []));
      };
    },
  };
};
