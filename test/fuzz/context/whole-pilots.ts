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
    sha1: fc.stringMatching(/^[0-9a-f]{40}$/),
    downloadTime: fc.constantFrom('90s', '5m'),
  },
  { requiredKeys: ['kind', 'webbase'] },
);

const memoryMb = fc.integer({ min: 16, max: 100_000 });
const cores = fc.integer({ min: 1, max: 100 });

/** A machine packed with slots of a size, some with a GPU. */
const packed = fc
  .record(
    {
      coresPerSlot: cores,
      memoryMbPerSlot: memoryMb,
      coresPerGpuSlot: cores,
      memoryMbPerGpuSlot: memoryMb,
      reserve: fc.record({ cores, memoryMb }),
    },
    { requiredKeys: ['coresPerSlot'] },
  )
  .map(rest => ({ kind: 'command', command: ['/bin/pilot'], slots: 'fixed', ...rest }));

/** Contexts whose pilots keep the rules between their keys, which the schema's own values seldom do. */
export const wholePilotsContext: fc.Arbitrary<Record<string, unknown>> = fc
  .oneof(contained, glidein, packed)
  .map(pilots => ({ version: 1, pilots }));
