import { setTimeout as delay } from 'node:timers/promises';
import { brief, type Part, quiet, sick, steady } from './parts.ts';
import { LOOK_EVERY_MS, type Stage } from './stage.ts';

const VMS = 3;

/** Parts that end by themselves, in turn; beside them there is always one VM to give orders to. */
const PASSING: readonly (() => Part)[] = [() => quiet(8, '10s'), brief, sick];

/** For whoever watches: where to look, and what to try. */
const hints = (stage: Stage, steadyVm: string): string => {
  const { url, token, tokenFile } = stage.receiver;
  return [
    '',
    `  The page    ${url}/#token=${token}`,
    '  In another terminal, from this folder:',
    `    export PILOTAGE_RECEIVER_URL=${url} PILOTAGE_TOKEN_FILE=${tokenFile}`,
    '    npx pilotage-receiver vms',
    `    npx pilotage-receiver drain ${steadyVm} --reason "kernel update"`,
    `    npx pilotage-receiver halt ${steadyVm} --reason "disk failure"`,
    `    npx pilotage-receiver logs ${steadyVm}`,
    `    npx pilotage-receiver peek ${steadyVm} 00 ps`,
    `    dist/pilotage-agent why --root ${stage.folder}/${steadyVm}`,
    '  Ctrl-C ends it all and leaves nothing behind.',
    '',
  ].join('\n');
};

/** Plays until the signal: each VM that ends is replaced by another. */
export const playOn = async (
  stage: Stage,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  let passed = 0;
  const on = () => stage.actors.filter(({ agent }) => agent.ended() === undefined);
  const nextPart = (): Part => {
    if (!on().some(({ part }) => part.name === steady().name)) return steady();
    const make = PASSING[passed % PASSING.length] ?? brief;
    passed += 1;
    return make();
  };
  const fill = async (): Promise<void> => {
    while (on().length < VMS && !signal.aborted) await stage.start(nextPart());
  };
  await fill();
  write(hints(stage, stage.actors[0]?.name ?? ''));
  while (!signal.aborted) {
    await stage.look();
    await fill();
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
};
