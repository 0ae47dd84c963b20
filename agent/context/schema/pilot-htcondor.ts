import * as v from 'valibot';
import { SHARED_PILOT_KEYS } from './pilot-shared.ts';
import { SlotLayout } from './pilot-slots.ts';
import { AbsolutePath, CredentialName, Duration, Label, text } from './words.ts';

/**
 * Pilots that are an HTCondor startd under its own master. Whatever of it ends up in condor's
 * configuration is held to a pattern: one line, no macro (`$`), no heredoc (`@=`), nothing that goes on
 * in the next line.
 */

/** One line of condor's configuration language that can neither expand nor run over its line. */
const ONE_LINE = String.raw`(?!.*@=)(?!.*\\$)[^$\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+`;
const Expression = text(
  new RegExp(`^${ONE_LINE}$`, 'u'),
  'a ClassAd expression on one line, without $ and @=',
  2000,
);
const Address = text(
  /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?(?:\?sock=[A-Za-z0-9_.-]+)?$/,
  'a host name or address, with its port if it has one',
);
/** Names of ClassAd attributes; those that matchmaking itself rests on are not for the context. */
const Attribute = text(
  /^(?!(?:MY|TARGET|START|Requirements|State|Activity|Name|Machine)$)[A-Za-z_][A-Za-z0-9_]{0,63}$/i,
  'a ClassAd attribute of letters, digits and underscores',
);
const Setting = text(
  /^(?!(?:[A-Z0-9_]+\.)*(?:LOCAL_CONFIG|SEC_|ALLOW_|DENY_|CONDOR_IDS|DAEMON_LIST|REQUIRE_LOCAL|EXECUTE$|LOG$|SPOOL$))[A-Z][A-Z0-9_.]{0,79}$/i,
  'a setting of condor; where it lies, what it runs and whom it trusts are not for the context',
);
const Amount = v.pipe(
  v.number('a number'),
  v.minValue(-1e15, 'from -1e15 to 1e15'),
  v.maxValue(1e15, 'from -1e15 to 1e15'),
);
const Tag = text(/^[A-Za-z0-9_.+-]{1,64}$/, 'a tag of letters, digits and . _ + -');

const Apptainer = v.strictObject({
  /**
   * The image that payloads run in, such as a folder below /cvmfs. Condor tries it by `apptainer test`, so
   * it needs the /.singularity.d that Apptainer gives its images.
   */
  image: AbsolutePath,
  program: v.optional(AbsolutePath, '/usr/bin/apptainer'),
});

export const HtcondorPilots = v.pipe(
  v.strictObject({
    kind: v.literal('htcondor'),
    /** The pool's central managers. */
    collectors: v.pipe(
      v.array(Address, 'a list of hosts'),
      v.minLength(1, 'at least one host'),
      v.maxLength(8, 'at most 8 hosts'),
    ),
    /** Which of `credentials` is the IDTOKEN, with ADVERTISE_STARTD, ADVERTISE_MASTER and READ. */
    token: CredentialName,
    /**
     * `root`: condor runs as root inside its unit and gives each payload a user of its own.
     * `unprivileged`: all of it runs as the slot's user, and payloads run in containers.
     */
    mode: v.optional(v.picklist(['root', 'unprivileged'], 'one of: root, unprivileged'), 'root'),
    /** With `mode: unprivileged`: containers with process ids of their own for the payloads. */
    apptainer: v.optional(Apptainer),
    /** condor_master; the other programs are looked for where the system has them. */
    program: v.optional(AbsolutePath, '/usr/sbin/condor_master'),
    /** Each must stand in the job's attribute `Tags`, or the job stays idle. */
    requiredTags: v.optional(
      v.pipe(v.array(Tag, 'a list of tags'), v.maxLength(32, 'at most 32 tags')),
      [],
    ),
    /** A further condition on jobs. */
    start: v.optional(Expression),
    /** What the startd advertises beside what the VM knows of itself. */
    attributes: v.optional(
      v.record(
        Attribute,
        v.union([Label, Amount, v.boolean()], 'a printable text, a number, true or false'),
      ),
      {},
    ),
    /** Published as VMType. */
    vmType: v.optional(Label),
    /** Settings of condor for which there is no key here. */
    settings: v.optional(
      v.record(
        Setting,
        v.union(
          [Expression, Amount, v.boolean()],
          'one line without $ and @=, a number, true or false',
        ),
      ),
      {},
    ),
    /** Interface, by name or address, if the machine has several. */
    networkInterface: v.optional(text(/^[A-Za-z0-9.:*-]+$/, 'an interface or address', 64)),
    /** Through the pool's connection broker, for a VM with a private address. */
    ccb: v.optional(v.boolean('true or false'), true),
    /** How long a job may run on once the VM drains, from the job's start; without it, until the deadline. */
    maxJobTime: v.optional(Duration),
    /** At a deadline jobs are told to end this long before, so that they can save their work. */
    vacate: v.optional(Duration, '2m'),
    /** How often condor is asked what it does. */
    askEvery: v.optional(Duration, '15s'),
    slots: v.optional(SlotLayout, 'whole-node'),
    ...SHARED_PILOT_KEYS,
  }),
  v.forward(
    v.check(
      ({ mode, apptainer }) => mode === 'unprivileged' || apptainer === undefined,
      'given with mode: unprivileged, and only then',
    ),
    ['apptainer'],
  ),
);
export type HtcondorPilots = v.InferOutput<typeof HtcondorPilots>;
