import { isPilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import { table } from '../../platform/table.ts';
import { readResolved } from '../context/resolved.ts';
import { type Context, DEFAULT_CONTEXT } from '../context/schema.ts';
import { POLICIES, PRECEDENCE } from '../monitor/policy/index.ts';
import { PATHS } from '../paths.ts';
import { type CommandIo, flag, type OptionValues } from './command.ts';
import { filesOf } from './root.ts';

const contextOf = async (files: Files): Promise<Context | undefined> => {
  if ((await files.facts(PATHS.resolvedContext)) === undefined) return undefined;
  try {
    return (await readResolved(files)).context;
  } catch (error) {
    if (isPilotageError(error) && error.context.errno === 'EACCES') return undefined;
    throw error;
  }
};

/** Every policy in its order, and which action wins over which. */
export const policies = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const context = await contextOf(filesOf(values));
  const rows = POLICIES.map(policy => ({
    policy: policy.name,
    asks: policy.asks.filter(action => action !== 'none'),
    mode: policy.mode(context ?? DEFAULT_CONTEXT),
    when: policy.when,
  }));
  const precedence = Object.entries(PRECEDENCE)
    .sort(([, a], [, b]) => b - a)
    .map(([action]) => action);
  if (flag(values, 'json')) {
    io.out(`${JSON.stringify({ precedence, policies: rows })}\n`);
    return 0;
  }
  const shown = table(
    ['POLICY', 'MAY', 'MODE', 'WHEN'],
    rows.map(({ policy, asks, mode, when }) => [policy, asks.join(', ') || '-', mode, when]),
  );
  const ground =
    context === undefined
      ? 'by the defaults, since no context is known here'
      : 'by the context of this VM';
  io.out(`${shown}\n\nprecedence: ${precedence.join(' > ')}; modes ${ground}\n`);
  return 0;
};
