import type { Files } from '../../../platform/files.ts';
import type { Log } from '../../../platform/log.ts';
import { createCgroupUnits } from './cgroup.ts';
import { takeCgroupTree } from './cgroup-tree.ts';
import { createSessionUnits } from './session.ts';
import type { PilotUnits } from './unit.ts';

const choose = (files: Files, log: Log): PilotUnits => {
  if (process.getuid?.() !== 0) return createSessionUnits(files);
  const tree = takeCgroupTree();
  if (!('problem' in tree)) return createCgroupUnits(files, tree);
  log.warn(
    { problem: tree.problem },
    'pilots have no groups of their own: they are sessions, with rlimits',
  );
  return createSessionUnits(files, true);
};

/**
 * Without systemd: control groups where they can be written to, else sessions; as root, or else as ourselves.
 * It is chosen at the first use, since it moves the agent: commands that only look at pilots stay where they are.
 */
export const createPlainUnits = (files: Files, log: Log): PilotUnits => {
  let chosen: PilotUnits | undefined;
  const units = (): PilotUnits => {
    chosen ??= choose(files, log);
    return chosen;
  };
  return {
    get kind() {
      return units().kind;
    },
    start: (spec, prepare) => units().start(spec, prepare),
    sight: () => units().sight(),
    members: unit => units().members(unit),
    signal: (unit, signal, to) => units().signal(unit, signal, to),
  };
};
