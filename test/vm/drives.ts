import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runOnHost } from '../support/host-exec.ts';
import type { ExtraDisk, SeedDisk } from './hardware/hardware.ts';

/** Makes a disk of a cloud that holds files; its path. */
export const makeSeed = async (folder: string, { label, files }: SeedDisk): Promise<string> => {
  const seed = join(folder, 'seed.iso');
  const tree = join(folder, 'seed');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  await runOnHost('genisoimage', [
    ...['-quiet', '-joliet', '-rock', '-volid', label, '-output', seed, tree],
  ]);
  return seed;
};

/** Where the root of a machine lies among its files. */
export const overlayIn = (folder: string): string => join(folder, 'disk.qcow2');

/** A disk over the image that takes all writes; one that is there is kept, for another boot. */
export const makeOverlay = async (folder: string, image: string): Promise<string> => {
  const overlay = overlayIn(folder);
  if (!existsSync(overlay))
    await runOnHost('qemu-img', [
      ...['create', '-q', '-f', 'qcow2', '-b', image, '-F', 'raw', overlay],
    ]);
  return overlay;
};

const makeExtra = async (
  folder: string,
  { serial, sizeMb, ext4Label }: ExtraDisk,
): Promise<string> => {
  const disk = join(folder, `extra-${serial}.qcow2`);
  if (existsSync(disk)) return disk;
  if (ext4Label === undefined) {
    await runOnHost('qemu-img', ['create', '-q', '-f', 'qcow2', disk, `${sizeMb}M`]);
    return disk;
  }
  const raw = `${disk}.raw`;
  await runOnHost('truncate', ['--size', `${sizeMb}M`, raw]);
  await runOnHost('mke2fs', ['-q', '-F', '-t', 'ext4', '-L', ext4Label, raw]);
  // As qcow2 like every disk that is written to, or no state of the machine can be kept.
  await runOnHost('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, disk]);
  rmSync(raw);
  return disk;
};

/** The paths of the disks, in their order; those that are there are kept, for another boot. */
export const makeExtras = async (
  folder: string,
  disks: readonly ExtraDisk[],
): Promise<{ serial: string; path: string }[]> => {
  const made: { serial: string; path: string }[] = [];
  for (const disk of disks) made.push({ serial: disk.serial, path: await makeExtra(folder, disk) });
  return made;
};
