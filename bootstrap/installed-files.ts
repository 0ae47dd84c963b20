/** A file that belongs on a VM, beside the binary and its systemd units. */
export interface InstalledFile {
  /** In this repository. */
  from: string;
  path: string;
  mode: number;
}

/** What must be on a VM for it to end whatever happens. Its units are those in `bootstrap/systemd`. */
export const INSTALLED_FILES: readonly InstalledFile[] = [
  { from: 'bootstrap/dead-man', path: '/usr/lib/pilotage/dead-man', mode: 0o755 },
  {
    from: 'bootstrap/system/sysctl.conf',
    path: '/usr/lib/sysctl.d/50-pilotage.conf',
    mode: 0o644,
  },
  {
    from: 'bootstrap/system/watchdog.conf',
    path: '/usr/lib/systemd/system.conf.d/50-pilotage.conf',
    mode: 0o644,
  },
];
