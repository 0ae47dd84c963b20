import fc from 'fast-check';

const word = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/);

/** Condor whose payloads run in containers. */
const contained = fc
  .record({ image: fc.constant('/cvmfs/a.example.org/b'), program: fc.constant('/usr/bin/x') })
  .map(apptainer => ({
    ...{ kind: 'htcondor', collectors: ['cm.example.org'], token: 'pool' },
    ...{ mode: 'unprivileged', apptainer },
  }));

const glidein = fc.record(
  {
    kind: fc.constant('glideinwms'),
    webbase: fc.constant('http://factory.example.org/stage'),
    args: fc.array(word),
    proxy: word,
    token: word,
  },
  { requiredKeys: ['kind', 'webbase'] },
);

/** Contexts whose pilots keep the rules between their keys, which the schema's own values seldom do. */
export const wholePilotsContext: fc.Arbitrary<Record<string, unknown>> = fc
  .oneof(contained, glidein)
  .map(pilots => ({ version: 1, pilots }));
