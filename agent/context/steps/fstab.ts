import { putMarkedLines, readMarkedLines, takeMarkedLines } from './marked-lines.ts';
import type { StepPorts } from './ports.ts';

const FSTAB = '/etc/fstab';
type FstabPorts = Pick<StepPorts, 'files' | 'system'>;

/** What a step's line makes every boot mount, or swap to. */
export interface FstabLine {
  /** A path, or `UUID=…`. */
  what: string;
  mount: string;
}

export const readFstabLine = async (
  step: string,
  ports: Pick<StepPorts, 'files'>,
): Promise<FstabLine | undefined> => {
  const [line] = await readMarkedLines(FSTAB, step, ports);
  const [what, mount] = line?.split(' ') ?? [];
  return what === undefined || mount === undefined ? undefined : { what, mount };
};

/** A line of fstab(5) that makes the next boot do what this one did. */
export const putFstabLine = async (
  step: string,
  line: string,
  ports: FstabPorts,
): Promise<void> => {
  await putMarkedLines(FSTAB, step, [line], ports);
  // systemd ends a mount that its units do not know of, so it hears of the line first.
  await ports.system.reloadUnits();
};

export const takeFstabLine = async (step: string, ports: FstabPorts): Promise<void> => {
  await takeMarkedLines(FSTAB, step, ports);
  await ports.system.reloadUnits();
};
