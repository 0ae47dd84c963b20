import type { Bed } from './bed.ts';
import type { Machine } from './machine.ts';

/** Something to look at inside a guest: what it shows, the shell command, what that should print. */
export type GuestCheck = readonly [what: string, command: string, output: string];

export const runGuestChecks = async (
  bed: Bed,
  vm: Machine,
  checks: readonly GuestCheck[],
): Promise<void> => {
  for (const [what, command, output] of checks) {
    const seen = await vm.run(command);
    bed.check(what, seen.output.trim() === output, seen.output);
  }
};

/** The JSON that a command prints, whatever its exit code. */
export const readGuestJson = async <T>(vm: Machine, command: string): Promise<T> => {
  const { output } = await vm.run(`${command} 2>/run/stderr || true`, 180_000);
  try {
    return JSON.parse(output) as T;
  } catch {
    const complaint = (await vm.run('tail -c 2000 /run/stderr')).output;
    throw new Error(`${command} printed no JSON: ${output.slice(0, 500)} ${complaint}`);
  }
};
