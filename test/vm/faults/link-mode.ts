/**
 * How messages to the receiver are carried: `well`; `answers-lost`: they arrive, and nothing comes back;
 * `requests-lost`: they do not arrive; `repeated`: each heartbeat arrives three times; `delayed`: all are
 * late by seconds; `reordered`: every other heartbeat arrives after the one that follows it.
 */
export type LinkMode =
  | 'well'
  | 'answers-lost'
  | 'requests-lost'
  | 'repeated'
  | 'delayed'
  | 'reordered';

/** What is done with one message. */
export type Handling = 'pass' | 'lose' | 'lose-answer' | 'repeat' | 'delay' | 'keep';

const HEARTBEAT = '/v1/heartbeat';

/** @param count how many messages came before it in this mode */
export const handlingOf = (mode: LinkMode, path: string, count: number): Handling => {
  const isHeartbeat = path === HEARTBEAT;
  switch (mode) {
    case 'well':
      return 'pass';
    case 'answers-lost':
      return 'lose-answer';
    case 'requests-lost':
      return 'lose';
    case 'delayed':
      return 'delay';
    case 'repeated':
      return isHeartbeat ? 'repeat' : 'pass';
    case 'reordered':
      return isHeartbeat && count % 2 === 0 ? 'keep' : 'pass';
  }
};
