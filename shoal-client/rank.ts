import type { Candidate } from './candidate.ts';

const placeOf = (candidate: Candidate): string => `${candidate.address} ${candidate.port}`;

/**
 * The caches that serve CVMFS, best first: by the server's cost, those without one after those with
 * one, and otherwise in the server's order. A cache named twice counts once.
 */
export const rankCandidates = (candidates: readonly Candidate[]): Candidate[] => {
  const seen = new Set<string>();
  return candidates
    .filter(({ upstream }) => upstream !== 'frontier')
    .toSorted((a, b) => {
      if (a.distance === undefined || b.distance === undefined)
        return Number(a.distance === undefined) - Number(b.distance === undefined);
      return a.distance - b.distance;
    })
    .filter(candidate => {
      const place = placeOf(candidate);
      return seen.has(place) ? false : seen.add(place);
    });
};
