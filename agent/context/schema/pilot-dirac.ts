import * as v from 'valibot';
import { SHARED_PILOT_KEYS } from './pilot-shared.ts';
import { SlotLayout } from './pilot-slots.ts';
import { CertificateAuthorities, isPlainHttpAllowed } from './receiver.ts';
import { AbsolutePath, HttpUrl, text } from './words.ts';

/**
 * Pilots that are DIRAC's Pilot 3. Its commands build shell lines out of what they are told, some of it
 * without quotes, so every word of the context that reaches them is held to a pattern here.
 */

/** How DIRAC names sites, computing elements, queues, setups and VOs. */
const Name = text(
  /^[A-Za-z0-9][A-Za-z0-9._@+-]*$/,
  'a name of letters, digits and . _ @ + -, such as CLOUD.Example.org',
  128,
);
const CommandName = text(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a pilot command', 64);
const FileName = text(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'the name of a file', 100);
const Location = v.union(
  [HttpUrl, AbsolutePath],
  'an https address such as https://dirac.example.org/pilot, or a folder such as /cvmfs/dirac.egi.eu/dirac/pilot',
);
const Server = text(
  /^(?:dips|https):\/\/[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?(?:\/[A-Za-z0-9._/-]*)?$/,
  'a server such as dips://dirac.example.org:9135/Configuration/Server',
);
const Tag = text(/^[A-Za-z0-9_.+-]{1,64}$/, 'a tag of letters, digits and . _ + -');
const OptionPath = text(
  /^(?:\/[A-Za-z0-9_.-]+)+$/,
  'the path of an option, such as /Resources/Computing/CEDefaults/SubmitPool',
);
/** Not even inside double quotes does a shell make anything of these. */
const SAFE = '[A-Za-z0-9_.,:;@/=+% -]';
const OptionValue = text(
  new RegExp(`^${SAFE}*$`),
  'letters, digits, spaces and . _ , : ; @ / = + % -',
  1000,
);
/** Python's getopt takes any beginning of a long option for the whole. */
const Argument = text(
  new RegExp(`^(?!--(?:CET|pilotU|pilotS|pilotC)|-[yF])${SAFE}+$`),
  'an argument without quotes or $; no secret, and none that the agent sets (CEType, pilotUUID, pilotCFGFile)',
  1000,
);
const listOf = <S extends v.GenericSchema>(item: S, what: string, most: number) =>
  v.pipe(v.array(item, `a list of ${what}`), v.maxLength(most, `at most ${most} ${what}`));

/** What runs payloads inside the pilot; with `Pool` as many at once as its slot has cores. */
const LOCAL_CES = ['InProcess', 'Singularity', 'Pool', 'Pool/Singularity'] as const;

export const DiracPilots = v.pipe(
  v.strictObject({
    kind: v.literal('dirac'),
    /** Where the pilot's files lie, tried in their order: DIRAC's web servers, and folders of CVMFS. */
    from: v.pipe(listOf(Location, 'locations', 8), v.minLength(1, 'at least one location')),
    /** What is taken from there; an archive is unpacked. */
    files: v.optional(v.pipe(listOf(FileName, 'files', 32), v.minLength(1, 'at least one file')), [
      'pilot.tar',
    ]),
    /** Hashes of files, in the place of the checksums.sha512 that lies beside them. */
    sha512: v.optional(
      v.record(FileName, text(/^[0-9a-f]{128}$/i, '128 hexadecimal digits of a SHA-512')),
      {},
    ),
    /** Whether a pilot.json that lies there is the beginning of the pilot's own. */
    published: v.optional(v.boolean('true or false'), true),
    /** PEM certificates that vouch for the servers, beside the system's and those of X509_CERT_DIR. */
    ca: v.optional(CertificateAuthorities),
    /** Plain HTTP to anything but this machine itself is refused unless this says yes. */
    allowPlainHttp: v.optional(v.boolean('true or false'), false),
    python: v.optional(AbsolutePath, '/usr/bin/python3'),
    site: Name,
    /** The computing element, as DIRAC's configuration names it. */
    ce: Name,
    queue: v.optional(Name, 'default'),
    gridCeType: v.optional(Name, 'Cloud'),
    /** Without it, `Pool` for a slot of several cores, and `InProcess` for one, and for `whole-node`. */
    localCeType: v.optional(v.picklist(LOCAL_CES, `one of: ${LOCAL_CES.join(', ')}`)),
    vo: v.optional(Name),
    setup: v.optional(Name),
    configurationServers: v.optional(listOf(Server, 'servers', 16), []),
    version: v.optional(Name),
    project: v.optional(Name),
    /** The pilot's commands in their order, the community's own among them. */
    commands: v.optional(
      v.pipe(listOf(CommandName, 'commands', 64), v.minLength(1, 'at least one command')),
    ),
    /** Modules of more commands: `Example` stands for ExampleCommands.py among the files. */
    commandExtensions: v.optional(listOf(CommandName, 'modules', 16), []),
    /** What else stands in pilot.json, kept as it is; it goes before what was published. */
    pilotJson: v.optional(v.record(v.pipe(v.string(), v.maxLength(255)), v.unknown()), {}),
    /** Only jobs that have every one of them come here. */
    requiredTags: v.optional(listOf(Tag, 'tags', 32), []),
    tags: v.optional(listOf(Tag, 'tags', 32), []),
    /** Options of DIRAC's configuration on this machine. */
    options: v.optional(v.record(OptionPath, OptionValue), {}),
    /** Further arguments of dirac-pilot.py, such as --MaxCycles=10. */
    arguments: v.optional(listOf(Argument, 'arguments', 64), []),
    slots: v.optional(SlotLayout, 'pool'),
    ...SHARED_PILOT_KEYS,
  }),
  v.forward(
    v.check(
      ({ from, allowPlainHttp }) =>
        from.every(
          location =>
            location.startsWith('/') || isPlainHttpAllowed({ url: location, allowPlainHttp }),
        ),
      'plain HTTP beyond this machine needs allowPlainHttp: true',
    ),
    ['from'],
  ),
);
export type DiracPilots = v.InferOutput<typeof DiracPilots>;
