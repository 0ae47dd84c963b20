import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runOnHost } from '../support/host-exec.ts';

/** What lies between Debian's cloud kernel, which holds ext4 and NVMe, and a virtio disk. */
const MODULES = ['kernel/drivers/virtio/virtio_pci.ko', 'kernel/drivers/block/virtio_blk.ko'];
/** As Debian compresses modules from trixie on; busybox cannot load them so. */
const COMPRESSED = '.xz';

/**
 * The modules with all that they need, in the order in which they have to be loaded.
 * @param text `modules.dep`: `path: dependency dependency…`, the last of them to be loaded first
 * @param builtIn `modules.builtin`: those that the kernel itself holds
 */
export const planModules = (
  text: string,
  wanted: readonly string[],
  builtIn: readonly string[] = [],
): string[] => {
  const needs = new Map(
    text.split('\n').map((line): [string, string[]] => {
      const [path = '', rest = ''] = line.split(':');
      return [path, rest.split(' ').filter(word => word !== '')];
    }),
  );
  const ordered = wanted.flatMap(name => {
    if (builtIn.includes(name)) return [];
    const path = [name, `${name}${COMPRESSED}`].find(known => needs.has(known));
    if (path === undefined) throw new Error(`the kernel has no module ${name}`);
    return [...(needs.get(path) ?? []).toReversed(), path];
  });
  return [...new Set(ordered)];
};

/**
 * Makes a first root just big enough to find the disk: 2 MB, where Debian's own has udev and 30 MB.
 * @param root a Debian root with a kernel's modules and busybox-static
 */
export const makeInitrd = async (root: string, init: string, target: string): Promise<void> => {
  const work = `${target}.root`;
  for (const name of ['bin', 'dev', 'proc', 'root', 'modules'])
    mkdirSync(join(work, name), { recursive: true });
  copyFileSync(join(root, 'bin/busybox'), join(work, 'bin/busybox'));
  copyFileSync(init, join(work, 'init'));
  chmodSync(join(work, 'init'), 0o755);
  const [version] = readdirSync(join(root, 'lib/modules'));
  if (version === undefined) throw new Error('the Debian root has no kernel modules');
  const modules = join(root, 'lib/modules', version);
  const list = (name: string): string => readFileSync(join(modules, name), 'utf8');
  const order = planModules(list('modules.dep'), MODULES, list('modules.builtin').split('\n'));
  for (const [index, path] of order.entries()) {
    const name = join(work, 'modules', `${String(index).padStart(2, '0')}-${basename(path)}`);
    copyFileSync(join(modules, path), name);
    if (path.endsWith(COMPRESSED)) await runOnHost('xz', ['--decompress', name]);
  }
  const pack = 'cd "$1" && find . | ./bin/busybox cpio -o -H newc >"$2"';
  await runOnHost('/bin/sh', ['-c', pack, 'sh', work, target]);
  rmSync(work, { recursive: true });
};
