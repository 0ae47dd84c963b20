import { COMPUTED, type Import } from './imports.ts';

interface Room {
  /** A folder, or a single file; a file belongs to the longest that holds it. */
  room: string;
  /** Rooms, or single files of others, that it may import beside itself. */
  may: readonly string[];
  /** Those of which it may import types alone. */
  mayTypes?: readonly string[];
  why: string;
}

const AGENT_ROOMS = [
  'agent/context',
  'agent/context/planners',
  'agent/context/sources',
  'agent/credentials',
  'agent/checks',
  'agent/errands',
  'agent/logs',
  'agent/pilot',
  'agent/monitor',
  'agent/peek',
  'agent/simulate',
  'agent/squid',
  'agent/uplink',
];
const RECEIVER_ROOMS = [
  'receiver/fleet',
  'receiver/directives',
  'receiver/credentials',
  'receiver/squids',
  'receiver/accounting',
  'receiver/peeks',
  'receiver/deletions',
];
const FOUNDATION = ['platform', 'protocol'];

const agentRoom = (room: string, also: readonly string[] = []): Room => ({
  room,
  may: [...FOUNDATION, 'agent', ...also],
  mayTypes: AGENT_ROOMS,
  why: 'the rooms of the agent know of each other types; beyond that just the monitor knows of pilots',
});
const receiverRoom = (room: string, also: readonly string[] = []): Room => ({
  room,
  may: [...FOUNDATION, 'receiver', ...also],
  mayTypes: ['receiver/storage', ...RECEIVER_ROOMS],
  why: 'the rooms of the receiver know storage, and each other, only by type; main puts them together',
});

/** Which way imports run. What is not listed is not allowed. */
export const ROOMS: readonly Room[] = [
  {
    room: 'protocol',
    may: [],
    why: 'the words that agent and receiver exchange depend on nothing of ours',
  },
  {
    room: 'platform',
    may: [],
    why: 'platform serves every program and knows none of them',
  },
  {
    room: 'shoal-client',
    may: ['protocol', 'platform/errors.ts', 'platform/duration.ts'],
    mayTypes: ['platform'],
    why: 'it takes its http and clock as parameters',
  },

  {
    room: 'agent/main.ts',
    may: [...FOUNDATION, 'agent', 'agent/cli', ...AGENT_ROOMS, 'shoal-client'],
    why: 'the composition root never reaches into the receiver',
  },
  {
    room: 'agent/cli',
    may: [...FOUNDATION, 'agent', 'agent/life', ...AGENT_ROOMS, 'shoal-client'],
    why: 'main → cli → rooms, never the other way',
  },
  {
    room: 'agent/life',
    may: [...FOUNDATION, 'agent', ...AGENT_ROOMS],
    why: 'it puts the rooms together into one running agent; no room knows of it',
  },
  agentRoom('agent/context', [
    'agent/context/planners',
    'agent/context/sources',
    'agent/credentials',
    'agent/uplink/fetch-credential.ts',
    'agent/pilot/slots.ts',
    'agent/pilot/packing.ts',
  ]),
  // Each source stands for itself; what its user-data means is not its business.
  agentRoom('agent/context/sources', ['agent/context/source-file.ts']),
  // Pure: where the plan puts things, which the monitor has to know as well.
  agentRoom('agent/context/planners', [
    'agent/credentials/renewed-from.ts',
    'agent/pilot/slots.ts',
    'agent/pilot/packing.ts',
  ]),
  // Shared by the first fetch, when the VM is contextualized, and by the agent that keeps running.
  agentRoom('agent/credentials', ['agent/uplink/fetch-credential.ts', 'agent/context/planners']),
  agentRoom('agent/checks', ['agent/credentials', 'agent/context/planners']),
  agentRoom('agent/pilot'),
  // What is looked at lives where units are.
  agentRoom('agent/peek', ['agent/pilot']),
  agentRoom('agent/monitor', [
    ...['agent/logs', 'agent/peek', 'agent/pilot', 'agent/context/planners'],
    'agent/context/cvmfs-mounts.ts',
    // What mends a node, loaded when it is sick.
    'agent/context/software.ts',
    'agent/context/steps/cvmfs-programs.ts',
    // Asked by a reading as well.
    'agent/checks/proxies.ts',
    'agent/checks/squid.ts',
  ]),
  // What orders have done uses what is there for it.
  agentRoom('agent/errands', [
    ...['agent/logs', 'agent/peek', 'agent/pilot'],
    'agent/context/cvmfs-mounts.ts',
    'agent/context/reload/fixed-under-pilots.ts',
    'agent/context/steps/cvmfs-programs.ts',
  ]),
  agentRoom('agent/squid', ['shoal-client']),
  agentRoom('agent/logs'),
  // The reducer on what another agent saw; a trace is refused in the words of a context.
  agentRoom('agent/simulate', ['agent/monitor', 'agent/pilot', 'agent/context']),
  // What is shipped is read where it lies.
  agentRoom('agent/uplink', ['agent/logs']),
  {
    room: 'agent',
    may: FOUNDATION,
    mayTypes: AGENT_ROOMS,
    why: 'files beside main serve every room of the agent and import none of them',
  },

  {
    room: 'receiver/main.ts',
    may: [
      ...FOUNDATION,
      'receiver',
      'receiver/cli',
      'receiver/http',
      ...RECEIVER_ROOMS,
      'receiver/storage',
      'receiver/web',
    ],
    why: 'the composition root never reaches into the agent',
  },
  {
    room: 'receiver/cli',
    may: [
      ...FOUNDATION,
      'receiver',
      'receiver/http',
      ...RECEIVER_ROOMS,
      'receiver/storage',
      'receiver/web',
    ],
    why: 'main → cli → http, never the other way',
  },
  {
    room: 'receiver/http',
    may: [...FOUNDATION, 'receiver', ...RECEIVER_ROOMS, 'receiver/web'],
    mayTypes: ['receiver/storage'],
    why: 'http speaks to the rooms; which storage there is, main decides',
  },
  receiverRoom('receiver/fleet'),
  receiverRoom('receiver/directives'),
  receiverRoom('receiver/credentials'),
  receiverRoom('receiver/squids', ['shoal-client']),
  receiverRoom('receiver/accounting'),
  receiverRoom('receiver/peeks'),
  // What follows for a cloud from the state of a VM is decided where that is known.
  receiverRoom('receiver/deletions', ['receiver/fleet']),
  {
    room: 'receiver/storage',
    may: [...FOUNDATION, 'receiver'],
    mayTypes: RECEIVER_ROOMS,
    why: 'storage keeps what the rooms define and decides nothing',
  },
  {
    room: 'receiver/web',
    may: ['protocol'],
    why: 'the page speaks to the receiver over HTTP alone',
  },
  {
    room: 'receiver',
    may: FOUNDATION,
    mayTypes: ['receiver/storage', ...RECEIVER_ROOMS],
    why: 'files beside main serve every room of the receiver and import none of them',
  },

  { room: 'image-builder', may: FOUNDATION, why: 'it builds images, whatever runs in them' },
  { room: 'bootstrap', may: FOUNDATION, why: 'it exists before and around the programs' },
  {
    room: 'cloud-init',
    may: [...FOUNDATION, 'agent/context'],
    why: 'templates are checked against the context that they fill',
  },
];

const holds = (room: string, path: string): boolean => path === room || path.startsWith(`${room}/`);

/** The room of a path: the longest entry of the table that holds it. */
export const roomOf = (path: string): Room | undefined =>
  ROOMS.filter(({ room }) => holds(room, path)).sort((a, b) => b.room.length - a.room.length)[0];

/** What is wrong with one import, for a person; nothing if it runs the right way. */
export const complaintAbout = (found: Import): string | undefined => {
  const { from, to, ours, typeOnly } = found;
  const place = `${from}:${found.line}`;
  if (to === COMPUTED) return `${place} imports a computed name, which no one can check`;
  if (!ours) return undefined;
  if (to.startsWith('test/')) return `${place} imports ${to}: what ships never imports tests`;
  const room = roomOf(from);
  if (room === undefined) return `${place} is in no room of test/repo/rooms.ts`;
  const target = roomOf(to);
  if (target === undefined || target === room) return undefined;
  const types = room.mayTypes ?? [];
  const lets = (name: string): boolean => name === target.room || name === to;
  if (room.may.some(lets) || (typeOnly && types.some(lets))) return undefined;
  const may = room.may.join(' | ') || 'nothing of ours';
  const mayTypes = types.length === 0 ? '' : `, and types of ${types.join(' | ')}`;
  return `${place} imports ${to}, but ${room.room} may import ${may}${mayTypes}: ${room.why}`;
};
