import type { Bed } from '../../bed.ts';
import type { GuestCheck } from '../../guest-check.ts';
import type { Machine } from '../../machine.ts';
import type { GuestFile } from '../../user-data.ts';

/**
 * A pilot that does what it finds in its home, so that a test looks out of the very unit that pilots run
 * in. It counts on meanwhile, which tells whether its neighbours let it, and says what it counted.
 */
export const TASK_PILOT: GuestFile = {
  path: '/usr/local/bin/task-pilot',
  permissions: '0755',
  content: `#!/bin/sh
cd "$HOME"
rm -f task answer
echo "$$ started" >>starts
echo 'busy 1' >"$PILOTAGE_STATUS_FILE"
count=0
until [ -e "$PILOTAGE_DRAIN_FILE" ]; do
  count=$((count + 1))
  echo "$count" >count.new && mv count.new count
  if [ -e task ]; then
    mv task doing
    (sh doing >answer.new 2>&1 </dev/null; mv answer.new answer) &
  fi
  sleep 0.5
done
echo "$$ finished" >>ends
`,
};

const encoded = (text: string): string => Buffer.from(text).toString('base64');

/** Hands a slot's pilot a shell script; it does not wait for it. */
export const giveTask = async (vm: Machine, user: string, script: string): Promise<void> => {
  const home = `/scratch/${user}`;
  await vm.run(
    `rm -f ${home}/answer; echo ${encoded(script)} | base64 -d >${home}/task.new && mv ${home}/task.new ${home}/task`,
  );
};

/** What a script prints in the unit of a slot's pilot. */
export const askPilot = async (vm: Machine, user: string, script: string): Promise<string> => {
  await giveTask(vm, user, script);
  const seen = await vm.run(
    `for i in $(seq 600); do [ -e /scratch/${user}/answer ] && exec cat /scratch/${user}/answer; sleep 0.2; done; echo no answer`,
    150_000,
  );
  return seen.output;
};

/** All checks are made in one task; each prints into a file of its own. */
export const runPilotChecks = async (
  bed: Bed,
  vm: Machine,
  user: string,
  checks: readonly GuestCheck[],
): Promise<void> => {
  const script = checks.map(
    ([, command]) =>
      `echo ${encoded(command)} | base64 -d >check; sh check 2>&1 </dev/null | base64 -w0; echo`,
  );
  const lines = (await askPilot(vm, user, script.join('\n'))).split('\n');
  checks.forEach(([what, , output], index) => {
    const seen = Buffer.from(lines[index] ?? '', 'base64').toString('utf8');
    bed.check(what, seen.trim() === output, seen);
  });
};
