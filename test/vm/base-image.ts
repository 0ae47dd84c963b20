import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cachedFolder, digestOf } from '../support/cache-folder.ts';
import { CLIENT_FILES, domainFiles, repositoryFiles } from '../support/cvmfs/client-files.ts';
import { runOnHost } from '../support/host-exec.ts';
import type { GuestSystem } from './guest-system.ts';
import { makeInitrd } from './initrd.ts';

/** Packages of every guest. */
const PACKAGES = [
  ...['systemd', 'systemd-sysv', 'linux-image-cloud-amd64', 'cloud-init', 'dbus', 'udev'],
  ...['iproute2', 'passwd', 'procps', 'ca-certificates', 'busybox-static'],
  // For cloud-init's sources of OpenNebula, which runs context.sh as nobody, and of EC2.
  ...['sudo', 'isc-dhcp-client'],
  // What contextualization works with where it is there.
  ...['fdisk', 'xfsprogs', 'autofs', 'nftables', 'iptables', 'systemd-timesyncd'],
];
const ENABLED: Readonly<Record<string, string>> = {
  'systemd-networkd.service': 'multi-user.target.wants',
  'systemd-networkd-wait-online.service': 'network-online.target.wants',
};
/** Would only cost time under emulation. */
const MASKED = [
  ...['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'e2scrub_all.timer'],
  ...['e2scrub_reap.service', 'fstrim.timer', 'getty@tty1.service', 'systemd-pstore.service'],
  ...['cloud-init-hotplugd.socket', 'nftables.service', 'systemd-journal-flush.service'],
  ...['serial-getty@ttyS0.service', 'serial-getty@hvc0.service'],
];
const DISK_SIZE_BYTES = 4 * 1024 ** 3;
const GUEST_FILES = join(import.meta.dirname, 'guest');
const UNITS = '/etc/systemd/system';

/** What QEMU needs for a boot; the disk is raw and only ever read, through overlays. */
export interface VmImage {
  kernel: string;
  initrd: string;
  disk: string;
}

export const imageIn = (folder: string): VmImage => ({
  kernel: join(folder, 'kernel'),
  initrd: join(folder, 'initrd'),
  disk: join(folder, 'disk.raw'),
});

/** The CVMFS client's stand-in, where the packages bring no real one, and what its servers have. */
const CVMFS = [
  ...CLIENT_FILES,
  ...domainFiles('example.org'),
  ...repositoryFiles('vo.example.org'),
];
const putCvmfs = (root: string): void => {
  if (existsSync(join(root, '/usr/bin/cvmfs_config'))) return;
  for (const { path, content, mode } of CVMFS) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    chmodSync(join(root, path), mode);
  }
};

const prepareRoot = (root: string, masked: readonly string[]): void => {
  const put = (name: string, path: string, mode: number): void => {
    copyFileSync(join(GUEST_FILES, name), join(root, path));
    chmodSync(join(root, path), mode);
  };
  const link = (target: string, path: string): void => {
    rmSync(join(root, path), { force: true });
    symlinkSync(target, join(root, path));
  };
  put('cloud.cfg', '/etc/cloud/cloud.cfg.d/90-test.cfg', 0o644);
  put('guest-shell', '/usr/local/sbin/guest-shell', 0o755);
  for (const [unit, wants] of Object.entries(ENABLED)) {
    mkdirSync(join(root, UNITS, wants), { recursive: true });
    link(`/lib/systemd/system/${unit}`, `${UNITS}/${wants}/${unit}`);
  }
  for (const unit of ['guest-shell.service', 'guest-journal.service']) {
    put(unit, `${UNITS}/${unit}`, 0o644);
    link(`${UNITS}/${unit}`, `${UNITS}/multi-user.target.wants/${unit}`);
  }
  putCvmfs(root);
  for (const unit of [...MASKED, ...masked]) link('/dev/null', `${UNITS}/${unit}`);
  rmSync(join(root, 'var/lib/apt/lists'), { recursive: true, force: true });
};

/**
 * A Debian that test VMs start from, with cloud-init and the test's own shell but without
 * the agent. Built once and kept; as root. It boots without a boot loader.
 */
export const buildBaseImage = (
  system: GuestSystem,
  narrate: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> => {
  const guestFiles = readdirSync(GUEST_FILES).map(name => readFileSync(join(GUEST_FILES, name)));
  const scripts = [import.meta.filename, join(import.meta.dirname, 'initrd.ts')];
  const { name, suite, packages, sources, masked } = system;
  const key = digestOf([
    ...scripts.map(path => readFileSync(path)),
    ...guestFiles,
    JSON.stringify([CVMFS, system]),
  ]);
  return cachedFolder(name, key, async folder => {
    narrate(`building the Debian ${suite} base image, once`);
    const options = { timeoutMs: 15 * 60_000, ...(signal === undefined ? {} : { signal }) };
    const root = join(folder, 'root');
    const image = imageIn(folder);
    await runOnHost(
      'mmdebstrap',
      [
        ...['--variant=minbase', `--include=${[...PACKAGES, ...packages].join(',')}`],
        ...[`--aptopt=APT::Default-Release "${suite}"`, suite, root, ...sources],
      ],
      options,
    );
    prepareRoot(root, masked);
    const [kernel] = readdirSync(join(root, 'boot')).filter(name => name.startsWith('vmlinuz-'));
    copyFileSync(join(root, 'boot', kernel ?? 'vmlinuz'), image.kernel);
    await makeInitrd(root, join(GUEST_FILES, 'initrd-init'), image.initrd);
    writeFileSync(image.disk, '');
    truncateSync(image.disk, DISK_SIZE_BYTES);
    const format = ['-q', '-F', '-t', 'ext4', '-O', '^has_journal,^metadata_csum', '-d', root];
    await runOnHost('mke2fs', [...format, image.disk], options);
    rmSync(root, { recursive: true });
  });
};
