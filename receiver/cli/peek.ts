import * as v from 'valibot';
import type { Argv } from 'yargs';
import { type Clock, createClock } from '../../platform/clock.ts';
import { formatDuration } from '../../platform/duration.ts';
import { PilotageError } from '../../platform/errors.ts';
import { safeLines, safeText } from '../../platform/table.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { PEEK_THINGS, type PeekQuestion, PilotName } from '../../protocol/peek.ts';
import type { FleetState } from '../fleet/fleet-state.ts';
import type { VmDetail } from '../fleet/vm-view.ts';
import type { PeekReply } from '../peeks/peek-view.ts';
import { defineCommand, printJson } from './command.ts';
import { durationOption } from './duration-option.ts';
import { clientOptions, type ReceiverClient, vmPath, withReceiver } from './receiver-client.ts';
import { vmArgument } from './vm-argument.ts';
import { whoAsks } from './who-asks.ts';

interface Asked {
  id: string;
  vmId: string;
  hostname: string;
  state: FleetState;
  withinMs: number;
}

/** Between two questions whether the answer is there, and between two looks that follow one another. */
const POLL_MS = 300;
const FOLLOW_MS = 1000;
/** A wait that is worth telling of. */
const SOON_MS = 3000;

const say = (text: string): void => void process.stderr.write(`[${text}]\n`);

const prospect = ({ hostname, state, withinMs }: Asked): string => {
  const name = safeText(hostname);
  if (state === 'stalled') return `${name} has gone silent: it is asked if it speaks again`;
  return `${name} reports within ${formatDuration(withinMs)}`;
};

/** One look: asks, and waits for what becomes of it. */
const look = async (
  client: ReceiverClient,
  vm: string,
  question: PeekQuestion & { expiresInMs: number | undefined },
  clock: Clock,
): Promise<PeekReply> => {
  const body = { ...question, by: whoAsks() };
  const asked = (await client.post(vmPath(vm, '/peeks'), body)) as Asked;
  if (asked.state === 'halted')
    throw new PilotageError('peek-refused', `${safeText(asked.hostname)} has halted`);
  if (asked.state === 'stalled' || asked.withinMs > SOON_MS) say(prospect(asked));
  for (;;) {
    const reply = (await client.get(vmPath(asked.vmId, `/peeks/${asked.id}`))) as PeekReply;
    if (reply.status !== 'pending' && reply.status !== 'sent') return reply;
    await clock.sleep(POLL_MS);
  }
};

/** Why there is nothing to print. */
const complaint = ({ status, detail }: PeekReply): string => {
  if (status === 'done') return 'the answer is no longer there: ask again';
  if (status === 'unknown-kind') return 'the agent of this VM is too old to let its pilots be seen';
  if (status === 'expired')
    return detail === '' ? 'the VM did not answer in time' : safeText(detail);
  return safeText(detail);
};

/** A pilot by its own name, or by a job that it reports; `job:` before an id that looks like a slot. */
const pilotNamed = async (client: ReceiverClient, vm: string, given: string): Promise<string> => {
  if (v.safeParse(PilotName, given).success) return given;
  const job = given.replace(/^job:/, '');
  const { pilots, hostname } = (await client.get(vmPath(vm))) as VmDetail;
  const found = pilots.find(({ jobs }) => jobs?.includes(job) === true);
  if (found !== undefined) return `${found.slot}-${found.generation}`;
  const known = pilots.flatMap(({ jobs = [] }) => jobs);
  const there = known.length === 0 ? 'none is reported' : `there are: ${known.join(', ')}`;
  throw new PilotageError(
    'peek-refused',
    `${safeText(hostname)} has no pilot and no job ${safeText(given)}; of jobs ${safeText(there)}`,
  );
};

const options = (argv: Argv) =>
  vmArgument(clientOptions(argv))
    .positional('PILOT', {
      type: 'string',
      demandOption: true,
      describe: 'A slot such as 00, one run of it such as 00-3, or a job that its pilot reports',
    })
    .positional('THING', {
      choices: PEEK_THINGS,
      demandOption: true,
      describe: 'Its processes, their use of the machine, its files, the end of a file, its stacks',
    })
    .positional('PATH', {
      type: 'string',
      describe:
        'With ls and tail: in its home, or absolute in its home or /tmp; stdout and stderr are its output',
    })
    .option('lines', {
      alias: 'n',
      type: 'number',
      describe: `With tail: how many lines, ${LIMITS.peekLines} at most`,
    })
    .option('follow', {
      alias: 'f',
      type: 'boolean',
      default: false,
      describe: 'Go on until interrupted, or the pilot has ended',
    })
    .option('timeout', {
      type: 'string',
      coerce: durationOption('timeout'),
      describe: 'How long to wait for the VM; else two of its heartbeats and a little',
    })
    .example('$0 peek wn-17 00 ps', 'the processes of the pilot in slot 00')
    .example('$0 peek wn-17 00 tail --follow', 'its output, as it comes')
    .example('$0 peek wn-17 00-3 ls log', 'a folder of its home')
    .example('$0 peek wn-17 1234.0 ps', 'the processes of the pilot that runs this job');

export const peekCommand = defineCommand({
  options,
  run: args =>
    withReceiver(args, async client => {
      const { VM: vm, PILOT: named, THING: thing, PATH: path, lines, follow } = args;
      const pilot = await pilotNamed(client, vm, named);
      const clock = createClock();
      const question = {
        thing,
        expiresInMs: args.timeout,
        ...(path === undefined ? {} : { path }),
      };
      const first = await look(client, vm, { ...question, pilot, ...(lines && { lines }) }, clock);
      const show = (reply: PeekReply): void => {
        const { text, isCut } = reply.answer ?? { text: '', isCut: false };
        if (isCut) say('more than is shown');
        if (args.json) printJson(reply);
        else process.stdout.write(safeLines(text));
      };
      if (first.answer === null) throw new PilotageError('peek-refused', complaint(first));
      show(first);
      // From here on that one run, whatever follows it in its slot.
      const unit = first.unit ?? pilot;
      for (let nextByte = first.answer.nextByte; follow; ) {
        await clock.sleep(FOLLOW_MS);
        const place = nextByte === null ? {} : { fromByte: nextByte };
        const reply = await look(client, first.vmId, { ...question, pilot: unit, ...place }, clock);
        if (reply.answer === null) return say(complaint(reply));
        if (nextByte === null && !args.json) process.stdout.write('\n');
        show(reply);
        nextByte = reply.answer.nextByte;
      }
    }),
});
