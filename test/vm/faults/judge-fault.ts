import type { Fault } from './fault.ts';
import type { Story } from './read-story.ts';

/** How a VM came to its end after a fault. */
export interface FaultEnd {
  story: Story;
  /** Why QEMU stopped; `undefined`: it did not within the bound. */
  exit: string | undefined;
  /** From the first strike on. */
  seconds: number;
  /** The state that the receiver heard last. */
  heard: string | undefined;
  /** Journal and console. */
  told: string;
}

/** One thing that must be so, and what was seen. */
export interface FaultCheck {
  what: string;
  holds: boolean;
  seen: string;
}

/** Holds an end against what the fault list expects. */
export const judgeFault = (
  { expected, boundS }: Pick<Fault, 'expected' | 'boundS'>,
  { story, exit, seconds, heard, told }: FaultEnd,
): FaultCheck[] => {
  const { because, begun, finished } = expected;
  const reason = story.because ?? 'nothing';
  const isHeard = {
    halted: heard === 'halted',
    nothing: heard === undefined,
    less: heard !== 'halted',
  };
  return [
    {
      what: `it powers itself off within ${boundS} s`,
      holds: exit === 'guest-shutdown' && seconds <= boundS,
      seen: `${exit ?? 'still there'} after ${seconds.toFixed(1)} s`,
    },
    because === 'silence'
      ? { what: 'nobody could say why', holds: story.because === undefined, seen: reason }
      : { what: `it says why: ${because.source}`, holds: because.test(reason), seen: reason },
    {
      what: `${begun} began and ${finished} finished`,
      holds: story.begun === begun && story.finished === finished,
      seen: `${story.begun} began, ${story.finished} finished`,
    },
    ...(expected.notBeforeS === undefined
      ? []
      : [
          {
            what: `and not before ${expected.notBeforeS} s`,
            holds: seconds >= expected.notBeforeS,
            seen: `${seconds.toFixed(1)} s`,
          },
        ]),
    ...(expected.heard === undefined
      ? []
      : [
          {
            what: `the receiver’s last word of it is ${expected.heard}`,
            holds: isHeard[expected.heard],
            seen: heard ?? 'nothing',
          },
        ]),
    ...Object.entries(expected.told ?? {}).map(([what, pattern]) => ({
      what,
      holds: pattern.test(told),
      seen: `nothing like ${pattern.source}`,
    })),
  ];
};

/** The line of the table: what was done, what the VM did, seconds to its end, bound kept or not. */
export const faultLine = (
  { done, boundS }: Pick<Fault, 'done' | 'boundS'>,
  did: string,
  seconds: number | undefined,
  isKept: boolean,
): string =>
  [
    done,
    did,
    seconds === undefined ? 'no end' : `${seconds.toFixed(1)} s of ${boundS} s`,
    isKept ? 'bound kept' : 'BOUND NOT KEPT',
  ].join(' | ');
