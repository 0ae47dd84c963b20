/** Where the firmware's serial number sends NoCloud. */
export type SeedPlace =
  | { kind: 'folder'; path: string }
  | { kind: 'url'; origin: string; path: string }
  | { kind: 'none' }
  | { kind: 'invalid'; what: string };

/**
 * `ds=nocloud;s=…` of the DMI serial number, as cloud-init documents it: a folder (`/…` or
 * `file:///…`) or an address (`http://…/`), to which `user-data` and `meta-data` are appended.
 */
export const parseNoCloudSerial = (
  serial: string,
): { seed: SeedPlace; instanceId: string | undefined } => {
  const settings = new Map(
    serial
      .split(';')
      .slice(1)
      .map(part => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  );
  const from = settings.get('s') ?? settings.get('seedfrom');
  const instanceId = settings.get('i') ?? settings.get('instance-id');
  if (from === undefined) return { seed: { kind: 'none' }, instanceId };
  const path = from.replace(/^file:\/\//, '');
  if (path.startsWith('/')) return { seed: { kind: 'folder', path }, instanceId };
  if (!/^https?:\/\//.test(from) || !URL.canParse(from))
    return { seed: { kind: 'invalid', what: from }, instanceId };
  const { origin, pathname } = new URL(from);
  const folder = pathname.endsWith('/') ? pathname : `${pathname}/`;
  return { seed: { kind: 'url', origin, path: folder }, instanceId };
};
