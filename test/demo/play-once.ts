import { messageOf } from '../../platform/errors.ts';
import { pollUntil } from '../support/poll-until.ts';
import type { Say } from './narrate.ts';
import { quiet, steady, wholeNode } from './parts.ts';
import { type Actor, LOOK_EVERY_MS, type Stage } from './stage.ts';
import { type Summary, summarize } from './summary.ts';

/** All that one play may take, ms; what hangs is told instead of waited for. */
const PLAY_MS = 60_000;
const EVIDENCE_LINES = 12;

export interface Outcome {
  /** Missing if the receiver gave no answers any more. */
  summary: Summary | undefined;
  /** What is not as it should be, for a person; empty if all is well. */
  problems: string[];
}

const isAtWork = async (actor: Actor): Promise<boolean> => {
  const status = await actor.status();
  return (
    status?.receiver?.vmId !== undefined &&
    status.phase === 'running' &&
    status.pilots.length > 0 &&
    status.pilots.every(({ state }) => state === 'running')
  );
};

const isOver = async (stage: Stage): Promise<boolean> => {
  if (stage.actors.some(({ agent }) => agent.ended() === undefined)) return false;
  return (await stage.receiver.vms()).every(({ state }) => state === 'halted');
};

const every = async (actors: readonly Actor[], holds: (actor: Actor) => Promise<boolean>) =>
  (await Promise.all(actors.map(holds))).every(Boolean);

/** The VM's last turn, e.g. `zero-load: load 0.01 below 0.1 for 4s of 4s`. */
const lastReason = async (actor: Actor): Promise<string> =>
  (await actor.status())?.turns.at(-1)?.reason ?? '';

const complain = async (stage: Stage, summary: Summary): Promise<string[]> => {
  const [idle, drained] = stage.actors;
  const problems: string[] = [];
  const expect = (holds: boolean, otherwise: string): void => {
    if (!holds) problems.push(otherwise);
  };
  const vms = stage.actors.length;
  expect(summary.vms === vms, `the receiver knows ${summary.vms} VMs, ${vms} were started`);
  expect(summary.contextualized === vms, `${summary.contextualized} VMs were contextualized`);
  expect(summary.pilotsStarted >= vms, `${summary.pilotsStarted} pilots started on ${vms} VMs`);
  expect(summary.drained === 1, `${summary.drained} VMs drained because the receiver said so`);
  expect(summary.halted === vms, `${summary.halted} of ${vms} VMs halted`);
  expect(summary.heartbeatsLost === 0, `${summary.heartbeatsLost} heartbeats were lost`);
  for (const { name, agent } of stage.actors)
    expect(agent.ended() === 'exit 0', `${name}'s agent: ${agent.ended() ?? 'still runs'}`);
  if (idle !== undefined) {
    const reason = await lastReason(idle);
    expect(reason.startsWith('zero-load'), `${idle.name} did not end by zero load: ${reason}`);
  }
  const pilots = (await drained?.status())?.pilots ?? [];
  expect(
    pilots.every(({ lastExit }) => lastExit === 'exit 0'),
    `${drained?.name}'s pilots were not let finish: ${pilots.map(pilot => pilot.lastExit).join(', ')}`,
  );
  for (const { pid, command } of stage.strays())
    problems.push(`process ${pid} is left behind: ${command}`);
  return problems;
};

/** A VM whose agent has ended with the power still on will never halt. */
const failOnBrokenVm = async ({ actors }: Stage): Promise<void> => {
  for (const { name, agent, poweredOff } of actors) {
    const end = agent.ended();
    if (end !== undefined && (await poweredOff()) === undefined)
      throw new Error(`${name}'s agent ended with ${end} and did not power off`);
  }
};

/** The head of a table, and a line for each process of its first pilot. */
const peek = async ({ receiver }: Stage, actor: Actor): Promise<string[]> => {
  const vmId = (await actor.status())?.receiver?.vmId ?? actor.name;
  return (await receiver.peek(vmId, '00', 'ps')).trim().split('\n');
};

const perform = async (stage: Stage, say: Say, signal: AbortSignal): Promise<void> => {
  const endsAt = performance.now() + PLAY_MS;
  const until = (what: string, holds: () => Promise<boolean>) =>
    pollUntil(
      what,
      { timeoutMs: endsAt - performance.now(), everyMs: LOOK_EVERY_MS, signal },
      async () => {
        await stage.look();
        await failOnBrokenVm(stage);
        return (await holds()) || undefined;
      },
    );
  await stage.start(quiet(2, '4s'));
  const drained = await stage.start(steady());
  const halted = await stage.start(wholeNode());
  const order = async (actor: Actor, kind: 'drain' | 'halt', reason: string): Promise<void> => {
    const vmId = (await actor.status())?.receiver?.vmId ?? actor.name;
    say('operator', `asks the receiver to ${kind} ${actor.name}: ${reason}`);
    await stage.receiver.order(vmId, kind, reason);
  };
  // Not all three: on a slow machine the first may have run out of work before the others begin.
  await until('pilots run on two VMs', () => every([drained, halted], isAtWork));
  const seen = await peek(stage, drained);
  say('operator', `looks at pilot 00 of ${drained.name}: ${seen.length - 1} processes`);
  if (!seen.some(line => line.includes('pilot.sh')))
    throw new Error(`ps of a pilot does not show it:\n${seen.join('\n')}`);
  await order(drained, 'drain', 'kernel update');
  await order(halted, 'halt', 'disk failure');
  await until('all VMs are halted', () => isOver(stage));
};

const printEvidence = async (stage: Stage, write: (line: string) => void): Promise<void> => {
  const programs = stage.actors.map(({ name, agent }) => ({ name, program: agent }));
  for (const { name, program } of [
    ...programs,
    { name: 'receiver', program: stage.receiver.program },
  ]) {
    write(`--- ${name}, ${program.ended() ?? 'running'}; the last that it said:`);
    write(program.tail(EVIDENCE_LINES));
  }
};

/**
 * Three VMs from user-data to power-off: one runs out of work, one is drained and one halted by the
 * receiver's word. The evidence is written where something is not as it should be.
 */
export const playOnce = async (
  stage: Stage,
  say: Say,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<Outcome> => {
  const problems: string[] = [];
  try {
    await perform(stage, say, signal);
  } catch (error) {
    signal.throwIfAborted();
    problems.push(messageOf(error));
  }
  const summary = await summarize(stage.receiver, stage.actors).catch((error: unknown) => {
    problems.push(`nothing can be measured: ${messageOf(error)}`);
    return undefined;
  });
  if (summary !== undefined) problems.push(...(await complain(stage, summary)));
  if (problems.length > 0) await printEvidence(stage, write);
  return { summary, problems };
};
