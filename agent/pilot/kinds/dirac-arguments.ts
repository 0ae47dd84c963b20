import { type DiracRun, placesOf } from './dirac-places.ts';
import { fnv128 } from './fnv.ts';

const nameOf = ({ unit }: DiracRun): string => `${unit.slot}-${unit.generation}`;

/** Names this pilot in DIRAC's database: the cloud's instance, and the run on it. */
export const pilotReference = (run: DiracRun): string =>
  `cloud://${run.vm.name.replace(/[^A-Za-z0-9._-]/g, '-')}/${nameOf(run)}`;

/** The same in the 32 hexadecimal digits that a stamp is for DIRAC. */
export const pilotStamp = (run: DiracRun): string => fnv128(`${run.vm.name}/${nameOf(run)}`);

/** What runs payloads inside the pilot. */
export const localCeOf = ({ pilots, slot }: Pick<DiracRun, 'pilots' | 'slot'>): string =>
  pilots.localCeType ?? (slot.cores > 1 && pilots.slots !== 'whole-node' ? 'Pool' : 'InProcess');

export const isPool = (run: Pick<DiracRun, 'pilots' | 'slot'>): boolean =>
  localCeOf(run).startsWith('Pool');

const only = (entries: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Maps are joined key by key; of anything else the second goes first. */
const join = (below: unknown, above: unknown): unknown => {
  if (!isMap(below) || !isMap(above)) return above;
  const joined = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above))
    joined.set(key, joined.has(key) ? join(joined.get(key), value) : value);
  return Object.fromEntries(joined);
};

const list = (words: readonly string[]): string | undefined =>
  words.length === 0 ? undefined : words.join(', ');

/**
 * What the context says for pilot.json; what a location has published goes below it. Lists of commands
 * are texts with commas, since Pilot 3 splits them.
 */
export const pilotJson = (run: DiracRun): unknown => {
  const { pilots } = run;
  const { site, ce, gridCeType, commands, configurationServers } = pilots;
  const options = only({
    Commands:
      commands === undefined
        ? undefined
        : { [gridCeType]: list(commands), Defaults: list(commands) },
    CommandExtensions: list(pilots.commandExtensions),
    Version: pilots.version,
    Project: pilots.project,
  });
  const ours = only({
    CEs: { [ce]: { Site: site, GridCEType: gridCeType, LocalCEType: localCeOf(run) } },
    ConfigurationServers: configurationServers.length === 0 ? undefined : configurationServers,
    DefaultSetup: pilots.setup,
    Defaults: Object.keys(options).length === 0 ? undefined : { Pilot: options },
  });
  return join(pilots.pilotJson, ours);
};

/** Arguments of dirac-pilot.py. They go before what any pilot.json says. */
export const pilotArguments = (run: DiracRun): string[] => {
  const { pilots, slot } = run;
  const named: Record<string, string | undefined> = {
    Name: pilots.ce,
    name: pilots.site,
    Queue: pilots.queue,
    gridCEType: pilots.gridCeType,
    CEType: localCeOf(run),
    pilotProcessors: String(slot.cores),
    pilotUUID: pilotStamp(run),
    wnVO: pilots.vo,
    setup: pilots.setup,
    release: pilots.version,
    project: pilots.project,
    configurationServer: list(pilots.configurationServers)?.replaceAll(' ', ''),
    commands: pilots.commands?.join(','),
    commandExtensions: list(pilots.commandExtensions)?.replaceAll(' ', ''),
  };
  // What the pilot finds out about the node comes before these, and would be that of the whole VM.
  const options = {
    '/Resources/Computing/CEDefaults/NumberOfProcessors': String(slot.cores),
    '/Resources/Computing/CEDefaults/MaxRAM': String(slot.memoryMb),
    ...(slot.gpus === undefined
      ? {}
      : { '/Resources/Computing/CEDefaults/NumberOfGPUs': String(slot.gpus.length) }),
    ...pilots.options,
  };
  return [
    ...Object.entries(named).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}=${value}`],
    ),
    ...pilots.requiredTags.map(tag => `--requiredTag=${tag}`),
    ...pilots.tags.map(tag => `--tag=${tag}`),
    ...Object.entries(options).flatMap(([path, value]) => ['-o', `${path}=${value}`]),
    ...pilots.arguments,
  ];
};

/** What `start.py` is to do. */
export const instructions = (run: DiracRun): unknown => {
  const { pilots, at, places } = run;
  const { work, pilotJson: json, authorities } = placesOf(run);
  return {
    from: pilots.from.map(location => (location.startsWith('/') ? at(location) : location)),
    files: pilots.files,
    sha512: pilots.sha512,
    published: pilots.published,
    authorities: pilots.ca === undefined ? null : at(authorities),
    pilotJson: at(json),
    home: at(places.home),
    work: at(work),
    command: [pilots.python, 'dirac-pilot.py', ...pilotArguments(run)],
  };
};
