import { PilotageError } from '../../../platform/errors.ts';
import type { Executor } from './executor.ts';
import { keepFormer, restoreFormer } from './former-values.ts';

const LOCALTIME = '/etc/localtime';
const ZONES = '/usr/share/zoneinfo';
const NAME = 'time-zone';
/** A machine without the link runs on UTC: localtime(5). */
const NONE = '';

const targetOf = (zone: string): string => `..${ZONES}/${zone}`;

/** The link by which programs and systemd know the time zone: localtime(5). */
export const timeZone: Executor<'time-zone'> = {
  apply: async ({ zone }, ports) => {
    const { files } = ports;
    // A folder, or an image without zones, has nothing to hold the name against.
    const hasZones = (await files.list(ZONES)).length > 0;
    if (hasZones && (await files.facts(`${ZONES}/${zone}`))?.kind !== 'file')
      throw new PilotageError(
        'step-failed',
        `this machine knows no time zone ${zone}; remedy: one of those below ${ZONES}`,
        { zone },
      );
    const target = targetOf(zone);
    const current = await files.readLink(LOCALTIME);
    if (current === target) return;
    if (current === undefined && (await files.facts(LOCALTIME)) !== undefined)
      throw new PilotageError(
        'step-failed',
        `${LOCALTIME} is no symbolic link, so it cannot be told what it was; remedy: remove it from the image`,
      );
    await keepFormer(NAME, { [LOCALTIME]: current ?? NONE }, ports);
    if ((await files.facts('/etc')) === undefined)
      await files.makeDirectory('/etc', { mode: 0o755 });
    await files.makeLink(LOCALTIME, target);
  },
  undo: async (_step, ports) => {
    const { files } = ports;
    await restoreFormer(NAME, ports, (path, target) =>
      target === NONE ? files.remove(path) : files.makeLink(path, target),
    );
  },
  holds: async ({ zone }, { files }) => (await files.readLink(LOCALTIME)) === targetOf(zone),
};
