import type { CommandPilots } from '../../context/schema/pilot-command.ts';
import { FAILED, measured, NO_DATA, type Reading } from '../../reading.ts';
import { type Outcome, outcomeOfMessage } from '../outcome.ts';
import { isSuccess } from '../unit/unit.ts';
import type { PilotKind } from './kind.ts';

const NO_RESTART = /^no-restart(?:[\s:]|$)/;

const payloadsOf = (line: string): Reading => {
  if (line === '') return NO_DATA;
  const match = /^(?:(idle)|busy(?:\s+(\d{1,6}))?)$/.exec(line);
  if (match !== null) return measured(match[1] === 'idle' ? 0 : Number(match[2] ?? 1));
  // Last words are said when no payload is left.
  return NO_RESTART.test(line) || outcomeOfMessage(line) !== undefined ? measured(0) : FAILED;
};

const outcomeOf = (line: string): Outcome | undefined =>
  NO_RESTART.test(line) ? 'no-restart' : outcomeOfMessage(line);

/**
 * Any program. It may say what it does by writing one line into $PILOTAGE_STATUS_FILE: `idle`, `busy`
 * or `busy N` for N payloads; and, as its last words, why it ends: `no-restart` with a reason, or a line
 * as Vac's shutdown_message has it, such as `300 no more work`. Else its exit code says so, by the
 * context's `exits`. A program that never says what it does is neither idle nor busy: there is no data.
 */
export const commandKind: PilotKind<CommandPilots> = {
  name: 'command',
  launch: ({ pilots: { command, environment } }) => ({
    user: 'pilot',
    command,
    environment,
    files: [],
  }),
  question: ({ places }) => ({
    file: places.status,
    read: text => {
      const line = text?.trim() ?? '';
      return { payloads: payloadsOf(line), ...(line === '' ? {} : { said: line.slice(0, 200) }) };
    },
  }),
  refusesPayloads: false,
  stop: { signal: 'TERM', to: 'all' },
  classify: ({ exit, last }, { exits }) =>
    outcomeOf(last?.said ?? '') ??
    (exit.code === 'exited' ? exits[exit.status] : undefined) ??
    (isSuccess(exit) ? 'work-done' : 'transient'),
};
