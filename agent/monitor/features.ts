import { jobFeaturesOf } from '../context/planners/features.ts';
import type { Context } from '../context/schema.ts';
import { elapsedMs, later, type Moment, remainingMs, sooner } from '../moment.ts';
import { PATHS } from '../paths.ts';
import { isAlive } from '../pilot/slot-state.ts';
import type { Slot } from '../pilot/slots.ts';
import { unitId } from '../pilot/unit/unit.ts';
import { haltAgeMs } from './policy/lifetime.ts';
import type { Preparation } from './snapshot.ts';
import type { MonitorState } from './state.ts';

/**
 * The keys of Machine/Job Features (HSF-TN-2016-02) that move while the VM lives: when it will be shut
 * down, and which pilot a slot has. Those that do not are written by the contextualization.
 */
export interface FeaturesInput {
  state: MonitorState;
  preparation: Preparation;
  now: Moment;
  context: Context;
  /** When pilots were started, UNIX s by unit; absent where nobody knows. */
  startedSecs: ReadonlyMap<string, number>;
}

/** One file of one key. Without a value it is withdrawn. */
export interface Feature {
  path: string;
  value: string | number | undefined;
}

const latest = (a: Moment, b: Moment, now: Moment): Moment => (sooner(a, b, now) === a ? b : a);

/**
 * When the machine will be shut down for its pilots: by what was decided, by the end of a hold, or by the
 * hard end of its life time, whichever comes first. None is announced with less notice than grace_secs,
 * since pilots have that long from TERM to KILL; a halt at once gives none. `undefined`: not known yet.
 */
const shutdownOf = ({
  state: { ending, hold, firstStart },
  preparation,
  now,
  context,
}: Omit<FeaturesInput, 'startedSecs'>): Moment | undefined => {
  if (ending?.kind === 'halt')
    return ending.mode === 'now' ? ending.since : later(ending.since, context.ending.killGrace);
  const known: Moment[] = [];
  if (ending !== undefined)
    known.push(latest(ending.deadline, later(ending.since, context.ending.killGrace), now));
  if (preparation.state !== 'pending') {
    known.push(later(now, haltAgeMs(context) - elapsedMs(firstStart, now)));
    if (hold !== undefined) known.push(later(hold.since, context.hold));
  }
  return known.reduce<Moment | undefined>(
    (first, next) => (first === undefined ? next : sooner(first, next, now)),
    undefined,
  );
};

const ofSlot = (
  slot: string,
  shutdownSecs: number,
  { state, preparation, startedSecs }: FeaturesInput,
): Feature[] => {
  const pilot = state.slots[slot];
  const unit =
    pilot === undefined || !isAlive(pilot)
      ? undefined
      : unitId({ slot, generation: pilot.generation });
  const started = unit === undefined ? undefined : startedSecs.get(unit);
  const wallSecs = started === undefined ? undefined : Math.max(0, shutdownSecs - started);
  const planned: readonly Slot[] = preparation.state === 'done' ? preparation.slots : [];
  const cores = planned.find(({ name }) => name === slot)?.cores;
  const at = (key: string): string => `${jobFeaturesOf({ name: slot })}/${key}`;
  return [
    { path: at('job_id'), value: unit },
    { path: at('jobstart_secs'), value: started },
    { path: at('shutdowntime_job'), value: unit === undefined ? undefined : shutdownSecs },
    { path: at('wall_limit_secs'), value: wallSecs },
    {
      path: at('cpu_limit_secs'),
      value: wallSecs === undefined || cores === undefined ? undefined : wallSecs * cores,
    },
  ];
};

/** What the files of these keys have to hold now; nothing while nothing is known. Pure. */
export const currentFeatures = (input: FeaturesInput): Feature[] => {
  const { state, preparation, now } = input;
  const shutdown = shutdownOf(input);
  if (shutdown === undefined) return [];
  // The time that is left is what holds; the clock by which pilots read it may have been set since.
  const shutdownSecs = Math.floor((now.wallMs + remainingMs(shutdown, now)) / 1000);
  const planned = preparation.state === 'done' ? preparation.slots.map(({ name }) => name) : [];
  const slots = new Set([...planned, ...Object.keys(state.slots)]);
  return [
    { path: `${PATHS.machineFeatures}/shutdowntime`, value: shutdownSecs },
    ...[...slots].flatMap(slot => ofSlot(slot, shutdownSecs, input)),
  ];
};

/** Two clocks never agree to the second: what differs by less is no news. */
const TOLERANCE_SECS = 2;

/** True if a file that holds one value has to be written for another. */
export const isNews = (told: Feature['value'], next: Feature['value']): boolean =>
  typeof told === 'number' && typeof next === 'number'
    ? Math.abs(told - next) > TOLERANCE_SECS
    : told !== next;
